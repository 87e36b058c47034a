//! What answers, which can change while it is served.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;

/// What answers now.
#[derive(Clone)]
pub(crate) struct SwapRouter(Arc<RwLock<Router>>);

impl SwapRouter {
    pub(super) fn new(app: Router) -> SwapRouter {
        SwapRouter(Arc::new(RwLock::new(app)))
    }

    /// From now on this answers. What is being answered is answered to its end.
    pub(crate) fn replace(&self, app: Router) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = app;
    }

    /// What answers now.
    pub(super) fn now(&self) -> Router {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

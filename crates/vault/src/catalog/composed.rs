//! Statements that are composed for one question: each number of ids makes another text of them.
//!
//! A connection remembers a hundred statements that it has prepared, and one that names five hundred ids takes some 100 kB: what the
//! runs of retention leave would add up to tens of megabytes. So what is composed is prepared, run and let go of, and only texts that
//! never change are remembered (`clippy.toml` refuses the builder's own methods).

use sqlx::query::{Query, QueryAs, QueryScalar};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, QueryBuilder, Sqlite};

/// Ends a composed statement, which no connection remembers.
#[expect(clippy::disallowed_methods, reason = "the one place where they are told to remember nothing")]
pub(super) trait Composed {
    /// The builder.
    fn builder(&mut self) -> &mut QueryBuilder<Sqlite>;

    /// As [`QueryBuilder::build`].
    fn once(&mut self) -> Query<'_, Sqlite, SqliteArguments> {
        self.builder().build().persistent(false)
    }

    /// As [`QueryBuilder::build_query_as`].
    fn once_as<T>(&mut self) -> QueryAs<'_, Sqlite, T, SqliteArguments>
    where
        T: for<'r> FromRow<'r, SqliteRow>,
    {
        self.builder().build_query_as().persistent(false)
    }

    /// As [`QueryBuilder::build_query_scalar`].
    fn once_scalar<T>(&mut self) -> QueryScalar<'_, Sqlite, T, SqliteArguments>
    where
        (T,): for<'r> FromRow<'r, SqliteRow>,
    {
        self.builder().build_query_scalar().persistent(false)
    }
}

impl Composed for QueryBuilder<Sqlite> {
    fn builder(&mut self) -> &mut QueryBuilder<Sqlite> {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sqlx::Connection;

    use crate::catalog::Catalog;
    use crate::id::Id;
    use crate::query::Filter;

    #[tokio::test]
    async fn no_connection_remembers_what_is_composed() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::create(&folder.path().join("catalog.sqlite")).await.unwrap();
        for count in 1..40 {
            let ids: Vec<Id> = (0..count).map(Id).collect();
            catalog.moments_of(&ids).await.unwrap();
            catalog.rows(&ids).await.unwrap();
            catalog.doom(ids.iter().copied().collect(), BTreeSet::new()).await.unwrap();
            catalog.find(&Filter { ids, ..Filter::default() }).await.unwrap();
        }
        for _ in 0..catalog.readers.size() {
            // Kept by it until the end, so that the next is another one.
            let reader = catalog.readers.acquire().await.unwrap().leak();
            assert!(reader.cached_statements_size() < 4, "{}", reader.cached_statements_size());
        }
    }
}

//! The watermarks that lie in a strongbox.

use std::path::PathBuf;

use super::Strongbox;
use crate::watermark::{BESIDE_FILE, FILE};
use crate::watermark::{Watermark, WatermarkFile};

impl Strongbox {
    /// The file that holds the watermark of the catalog, which counts this much.
    pub(crate) fn watermark(&mut self, counted: Watermark) -> WatermarkFile {
        self.open_watermark(FILE, counted)
    }

    /// The file that holds that of the database beside it.
    pub(crate) fn watermark_beside(&mut self, counted: Watermark) -> WatermarkFile {
        self.open_watermark(BESIDE_FILE, counted)
    }

    fn open_watermark(&mut self, name: &'static str, counted: Watermark) -> WatermarkFile {
        let path = self.folder.join(name);
        let file = WatermarkFile::open(&path, counted);
        if file.was_lost() {
            tracing::error!(file = %path.display(), "it is damaged or missing, so what a database has lost before this start could not be told");
            self.lost_marks.add(&self.folder, name, self.mirrors.now());
        }
        self.watermarks.insert(name, file.clone());
        file
    }

    /// Those that were removed or rotted since they were opened, and are written anew.
    pub(super) fn put_back_watermarks(&self) -> impl Iterator<Item = PathBuf> {
        self.watermarks.values().filter(|file| file.was_put_back()).map(|file| file.path().to_owned())
    }
}

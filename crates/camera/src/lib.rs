//! From a lens to sealed-ready segments; knows no disk.

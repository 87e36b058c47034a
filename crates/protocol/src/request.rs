//! How a client asks.

/// The header with the clock of whoever asks, in milliseconds since 1970.
pub const TIME: &str = "x-porchlight-time";

/// A query string of the parts that are there, or nothing.
pub fn query(parts: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parts.iter().filter_map(|(name, value)| Some((name, (*value)?))));
    let query = query.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}

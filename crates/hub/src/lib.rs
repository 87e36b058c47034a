//! Wires the rooms: HTTP API, events, schedules, and the client of that API.

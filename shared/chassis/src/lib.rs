//! What any process needs to start, be seen and stop.

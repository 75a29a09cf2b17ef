//! The passes as one API, and the rendering of what they say.

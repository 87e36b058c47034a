//! People, devices, consent, sign-in, and who may do what.

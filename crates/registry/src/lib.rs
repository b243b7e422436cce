//! Store manifests: parsing, checking, and the plan of which keys find what.

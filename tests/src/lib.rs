//! Tests of Akashi as a whole, by public items only. The tests themselves stand in `conformance/` and its neighbours; what
//! several of them need comes here.

//! The document as clients get it, in a form a change can be read in.

use super::openapi;

#[test]
fn the_document_reads_as_in_its_snapshot() {
    let document = serde_json::to_string_pretty(openapi()).unwrap();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("openapi.json", document);
    });
}

//! The API document, [OpenAPI 3.1]: built from one list of routes and from the schemas in
//! `openapi/schemas.json`.
//!
//! By hand and not derived: every body is a signed statement, so what a client must know stands
//! inside the JWS, where a derive macro sees bytes. Tests hold the list and the router together,
//! and read every example with the real parsers; the API tests check each answer they get against
//! this document.
//!
//! [OpenAPI 3.1]: https://spec.openapis.org/oas/v3.1.1.html

mod codes;
mod routes;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub use routes::ROUTES;

use crate::problem::Kind;

/// One route as documented.
#[derive(Debug)]
pub struct RouteDoc {
    /// `get` or `post`.
    pub method: &'static str,
    /// As written in the router.
    pub path: &'static str,
    /// Its `operationId`.
    pub name: &'static str,
    /// Which group it belongs to.
    pub tag: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The rest.
    pub description: &'static str,
    /// What goes into path and headers.
    pub parameters: &'static [Parameter],
    /// What goes into the body.
    pub body: Option<Body>,
    /// What comes back when all is well.
    pub success: &'static [Success],
    /// What may go wrong.
    pub problems: &'static [&'static [Kind]],
    /// Whether it takes a token in `Authorization`.
    pub token: Option<&'static str>,
}

/// A parameter in path, query or header.
#[derive(Debug)]
pub struct Parameter {
    /// `path`, `query` or `header`.
    pub place: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it is.
    pub description: &'static str,
    /// A regular expression it matches.
    pub pattern: &'static str,
    /// An example.
    pub example: &'static str,
}

/// A request's body.
#[derive(Debug)]
pub struct Body {
    /// Its media type.
    pub media_type: &'static str,
    /// Name of its schema.
    pub schema: &'static str,
    /// Name of the schema of the claims inside, of a statement.
    pub claims: Option<&'static str>,
}

/// An answer when all is well.
#[derive(Debug)]
pub struct Success {
    /// Its status.
    pub status: u16,
    /// What it means.
    pub description: &'static str,
    /// Its media type; empty where there is no body.
    pub media_type: &'static str,
    /// Name of its schema; empty for text and bytes.
    pub schema: &'static str,
}

/// The document, built once.
pub fn openapi() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(build)
}

/// `GET /v1/openapi.json`.
pub async fn document() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| openapi().to_string());
    let kind = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let mut response = ([kind], text.as_str()).into_response();
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    response
}

const ABOUT: &str = "Akashi is a consent and audit ledger. An institution asks before it queries another institution's \
data about a person, and gets a decision, the proof that the decision is recorded, and - of a permit - evidence the data \
holder checks offline. What institutions send is signed: a compact JWS under a key registered in the ledger; there are no \
accounts and no sessions. Decisions of every kind are answered 200; 4xx is for bad statements. The public log under `/log` \
follows C2SP tlog-tiles; anybody may read it.";

fn build() -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in ROUTES {
        let path = route.path.replace("{*", "{");
        paths
            .entry(path)
            .or_default()
            .insert(route.method.to_owned(), operation(route));
    }
    let tags = routes::TAGS.iter();
    let tags = tags.map(|(name, about)| json!({ "name": name, "description": about }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Akashi", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "signed": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "akashi-request+jws",
                    "description": "A compact JWS with the claims `RequestClaims`, made for this one request."
                },
                "gateway": {
                    "type": "http", "scheme": "bearer",
                    "description": "The token agreed with the SMS gateway."
                }
            }
        }
    })
}

fn schemas() -> Value {
    #[expect(
        clippy::expect_used,
        reason = "the file is part of the program and read by a test"
    )]
    serde_json::from_str(&codes::fill(include_str!("openapi/schemas.json"))).expect("schemas.json")
}

fn operation(route: &RouteDoc) -> Value {
    let mut responses = Map::new();
    for success in route.success {
        responses.insert(success.status.to_string(), success_response(success));
    }
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in route.problems.iter().copied().flatten() {
        by_status
            .entry(kind.status.as_u16())
            .or_default()
            .push(*kind);
    }
    for (status, kinds) in by_status {
        let response = problem_response(status, &kinds);
        // Readiness answers the same shape with either status: what is documented as success stays.
        responses.entry(status.to_string()).or_insert(response);
    }
    let parameters: Vec<Value> = route.parameters.iter().map(parameter).collect();
    let mut operation = object([
        ("operationId", json!(route.name)),
        ("tags", json!([route.tag])),
        ("summary", json!(route.summary)),
        ("description", json!(codes::fill(route.description))),
        ("parameters", json!(parameters)),
        ("responses", json!(responses)),
    ]);
    if let Some(body) = &route.body {
        operation.insert("requestBody".to_owned(), request_body(body));
    }
    if let Some(scheme) = route.token {
        let requirement = object([(scheme, json!([]))]);
        operation.insert("security".to_owned(), json!([requirement]));
    }
    Value::Object(operation)
}

fn parameter(parameter: &Parameter) -> Value {
    json!({
        "in": parameter.place, "name": parameter.name, "required": parameter.required,
        "description": parameter.description,
        "schema": { "type": "string", "pattern": parameter.pattern }, "example": parameter.example,
    })
}

fn request_body(body: &Body) -> Value {
    let content = object([(body.media_type, json!({ "schema": schema(body.schema) }))]);
    let mut request = object([("required", json!(true)), ("content", json!(content))]);
    if let Some(claims) = body.claims {
        let about = format!("A signed statement with the claims `{claims}`.");
        request.insert("x-akashi-claims".to_owned(), schema(claims));
        request.insert("description".to_owned(), json!(about));
    }
    Value::Object(request)
}

fn schema(name: &str) -> Value {
    if name.is_empty() {
        return json!({ "type": "string" });
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn success_response(success: &Success) -> Value {
    let mut response = object([
        ("description", json!(success.description)),
        ("headers", json!(request_id())),
    ]);
    if !success.media_type.is_empty() {
        let schema = match success.media_type {
            "application/octet-stream" => json!({}),
            "application/json" if success.schema.is_empty() => json!({ "type": "object" }),
            _ => schema(success.schema),
        };
        let content = object([(success.media_type, json!({ "schema": schema }))]);
        response.insert("content".to_owned(), json!(content));
    }
    Value::Object(response)
}

fn problem_response(status: u16, kinds: &[Kind]) -> Value {
    let lines: Vec<String> = kinds
        .iter()
        .map(|kind| format!("`{}`: {}", kind.code, kind.title))
        .collect();
    let mut headers = request_id();
    let waits = [
        StatusCode::TOO_MANY_REQUESTS.as_u16(),
        StatusCode::SERVICE_UNAVAILABLE.as_u16(),
    ];
    if waits.contains(&status) {
        let seconds = json!({ "schema": { "type": "string" }, "description": "Seconds." });
        headers.insert("Retry-After".to_owned(), seconds);
    }
    json!({
        "description": lines.join("\n\n"),
        "headers": headers,
        "content": { "application/problem+json": { "schema": schema("Problem") } },
    })
}

fn request_id() -> Map<String, Value> {
    let about = "Names the request in the server's log.";
    let header = json!({ "schema": { "type": "string" }, "description": about });
    object([("X-Request-Id", header)])
}

/// A JSON object of these members.
fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod snapshots;

#[cfg(test)]
mod tests {
    use super::*;

    use akashi_proof::decision::{AnswerCode, told_reasons};
    use akashi_proof::jws::{Jws, Type};
    use akashi_proof::reason::{Reason, Reasons};
    use akashi_proof::record::kind::Outcome;
    use akashi_proof::statement::{
        AccessClaims, ActClaims, Claims, LinkClaims, LinkEndClaims, ReleaseClaims, RequestClaims,
        sign_bytes,
    };

    #[test]
    fn router_and_document_list_the_same_routes() {
        // The router's own source is the one list of what is served.
        let source = include_str!("lib.rs");
        let mut served: Vec<(String, String)> = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix(".route(\""))
            .map(|rest| {
                let (path, handler) = rest.split_once("\", ").unwrap();
                (
                    path.to_owned(),
                    handler.split('(').next().unwrap().to_owned(),
                )
            })
            .collect();
        // Those two are pages; the document names them beside the rest.
        for page in ["/docs", "/problems/{code}"] {
            served.push((page.to_owned(), "get".to_owned()));
        }
        let mut documented: Vec<(String, String)> = ROUTES
            .iter()
            .map(|route| (route.path.to_owned(), route.method.to_owned()))
            .collect();
        served.sort();
        documented.sort();
        assert_eq!(served, documented);
        assert_eq!(served.len(), source.matches(".route(").count() + 2);
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_used() {
        let text = openapi().to_string();
        let schemas = openapi()["components"]["schemas"].as_object().unwrap();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
        for name in schemas.keys() {
            let used =
                text.contains(&format!("#/components/schemas/{name}\"")) || name == "RequestClaims";
            assert!(used, "{name} is used nowhere");
        }
    }

    #[test]
    fn examples_of_claims_are_read_by_the_real_parsers_and_required_means_required() {
        let schemas = openapi()["components"]["schemas"].as_object().unwrap();
        let signer = akashi_actors::seeded("hospital.chuo", 1);
        let read = |name: &str, claims: &Value| {
            let typ = match name {
                "AccessClaims" => Type::Access,
                "LinkClaims" => Type::Link,
                "LinkEndClaims" => Type::LinkEnd,
                "ReleaseClaims" => Type::Release,
                "RequestClaims" => Type::Request,
                _ => Type::Act,
            };
            let Ok(jws) = sign_bytes(typ, claims.to_string().as_bytes(), &signer);
            let jws = Jws::parse(jws.as_bytes()).unwrap();
            match name {
                "AccessClaims" => AccessClaims::read(&jws).map(|_| ()),
                "LinkClaims" => LinkClaims::read(&jws).map(|_| ()),
                "LinkEndClaims" => LinkEndClaims::read(&jws).map(|_| ()),
                "ReleaseClaims" => ReleaseClaims::read(&jws).map(|_| ()),
                "RequestClaims" => RequestClaims::read(&jws).map(|_| ()),
                _ => ActClaims::read(&jws).map(|_| ()),
            }
        };
        for name in [
            "AccessClaims",
            "LinkClaims",
            "LinkEndClaims",
            "ReleaseClaims",
            "RequestClaims",
            "ActClaims",
        ] {
            let schema = &schemas[name];
            let example = &schema["examples"][0];
            read(name, example).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            for member in schema["required"].as_array().unwrap() {
                let mut without = example.clone();
                without
                    .as_object_mut()
                    .unwrap()
                    .remove(member.as_str().unwrap())
                    .unwrap();
                assert!(read(name, &without).is_err(), "{name} without {member}");
            }
            for member in example.as_object().unwrap().keys() {
                assert!(
                    schema["properties"].get(member).is_some(),
                    "{name}.{member} is not described"
                );
            }
        }
    }

    #[test]
    fn the_lists_of_codes_stand_where_the_texts_name_them() {
        let text = openapi().to_string();
        assert!(!text.contains("<<") && !text.contains(">>"));
        for code in [
            "3-role",
            "role-not-held",
            "holder-has-no-evidence-key",
            "erase-by=<ms>",
            "spent",
        ] {
            assert!(text.contains(&format!("`{code}`")), "{code}");
        }
        assert!(!text.contains("no-consent"), "never told");
    }

    #[test]
    fn every_reason_a_requester_can_be_told_is_in_the_document_and_no_other() {
        let answer = &openapi()["components"]["schemas"]["Answer"]["properties"]["reasons"];
        let text = answer["description"].as_str().unwrap();
        let mut told = 0;
        for reason in Reason::ALL {
            let outcome = match reason.step() {
                None => Outcome::Permit,
                Some(_) => Outcome::Deny,
            };
            let codes = told_reasons(outcome, &Reasons::Word(*reason));
            for code in &codes {
                assert!(text.contains(&format!("`{code}`")), "{code}");
            }
            let is_told = codes.contains(&reason.to_string());
            let is_named = text.contains(&format!("`{reason}`"));
            assert_eq!(is_named, is_told, "{reason}");
            told += usize::from(is_told);
        }
        assert!(told > 10, "{told}");
        assert!(
            text.contains("`10-rules` with `too-many-open-permits`"),
            "{text}"
        );
        for code in AnswerCode::ALL {
            assert!(text.contains(&format!("`{code}`")), "{code}");
        }
    }

    #[test]
    fn every_problem_of_a_statement_is_documented_with_its_status() {
        for route in ROUTES.iter().filter(|route| {
            route
                .body
                .as_ref()
                .is_some_and(|body| body.claims.is_some())
        }) {
            let documented: Vec<Kind> = route.problems.iter().copied().flatten().copied().collect();
            for kind in [
                Kind::MALFORMED_JWS,
                Kind::UNKNOWN_KEY,
                Kind::BAD_SIGNATURE,
                Kind::TOO_LARGE,
                Kind::BUSY,
                Kind::INTERNAL,
            ] {
                assert!(
                    documented.contains(&kind),
                    "{} lacks {}",
                    route.path,
                    kind.code
                );
            }
        }
    }
}

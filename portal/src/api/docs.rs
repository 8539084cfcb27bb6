//! `/docs`: the API document as a page, and `/problems/{code}`: what a problem means. Made from the document itself; no
//! script, nothing from elsewhere.

use std::sync::OnceLock;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::openapi::openapi;
use crate::error::Kind;

#[derive(Template)]
#[template(path = "api_docs.html")]
struct Docs {
    title: String,
    about: String,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
    problems: &'static [Kind],
}

struct Group {
    about: String,
    operations: Vec<Operation>,
}

struct Operation {
    anchor: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    token: bool,
    parameters: Vec<Member>,
    /// Media type and name of the schema.
    body: Option<(String, String)>,
    claims: Option<String>,
    responses: Vec<Answered>,
}

struct Answered {
    status: String,
    lines: Vec<String>,
    media_type: String,
    schema: String,
}

struct Member {
    name: String,
    place: String,
    required: bool,
    shape: String,
    about: String,
}

struct Schema {
    name: String,
    about: String,
    shape: String,
    members: Vec<Member>,
    example: String,
}

#[derive(Template)]
#[template(path = "api_problem.html")]
struct ProblemPage {
    kind: Kind,
}

/// The readable document.
pub async fn page() -> Response {
    static PAGE: OnceLock<Option<String>> = OnceLock::new();
    match PAGE.get_or_init(|| docs(openapi()).render().ok()) {
        Some(page) => Html(page.as_str()).into_response(),
        None => crate::error::Problem::from(Kind::INTERNAL).into_response(),
    }
}

/// What a problem means.
pub async fn problem(Path(code): Path<String>) -> Response {
    let Some(kind) = Kind::ALL.iter().find(|kind| kind.code == code) else {
        return crate::error::Problem::from(Kind::NOT_FOUND).into_response();
    };
    match (ProblemPage { kind: *kind }).render() {
        Ok(page) => (StatusCode::OK, Html(page)).into_response(),
        Err(_) => crate::error::Problem::from(Kind::INTERNAL).into_response(),
    }
}

fn docs(document: &Value) -> Docs {
    let operations: Vec<(String, Operation)> = objects(&document["paths"])
        .flat_map(|(path, methods)| {
            objects(methods).map(move |(method, operation)| (tag(operation), read_operation(method, path, operation)))
        })
        .collect();
    let mut operations: Vec<Option<(String, Operation)>> = operations.into_iter().map(Some).collect();
    let groups = items(&document["tags"]).map(|group| {
        let name = text(&group["name"]);
        let own = operations.iter_mut().filter_map(|slot| slot.take_if(|(tag, _)| *tag == name).map(|(_, own)| own));
        Group { about: text(&group["description"]), operations: own.collect() }
    });
    Docs {
        title: text(&document["info"]["title"]),
        about: text(&document["info"]["description"]),
        groups: groups.collect(),
        schemas: objects(&document["components"]["schemas"]).map(|(name, schema)| read_schema(name, schema)).collect(),
        problems: Kind::ALL,
    }
}

fn tag(operation: &Value) -> String {
    text(&operation["tags"][0])
}

fn read_operation(method: &str, path: &str, operation: &Value) -> Operation {
    let body = objects(&operation["requestBody"]["content"]).next();
    Operation {
        anchor: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        token: operation.get("security").is_some(),
        parameters: items(&operation["parameters"])
            .map(|parameter| Member {
                name: text(&parameter["name"]),
                place: text(&parameter["in"]),
                required: parameter["required"] == Value::Bool(true),
                shape: text(&parameter["schema"]["pattern"]),
                about: text(&parameter["description"]),
            })
            .collect(),
        body: body.map(|(media_type, content)| (media_type.to_owned(), referred(&content["schema"]))),
        claims: operation["requestBody"].get("x-akashi-claims").map(referred),
        responses: objects(&operation["responses"])
            .map(|(status, response)| {
                let content = objects(&response["content"]).next();
                Answered {
                    status: status.to_owned(),
                    lines: text(&response["description"]).split("\n\n").map(str::to_owned).collect(),
                    media_type: content.map(|(media_type, _)| media_type.to_owned()).unwrap_or_default(),
                    schema: content.map(|(_, content)| referred(&content["schema"])).unwrap_or_default(),
                }
            })
            .collect(),
    }
}

fn read_schema(name: &str, schema: &Value) -> Schema {
    let required: Vec<&str> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let members = objects(&schema["properties"]).map(|(name, member)| Member {
        name: name.to_owned(),
        place: String::new(),
        required: required.contains(&name),
        shape: shape(member),
        about: text(&member["description"]),
    });
    let example = schema["examples"].get(0).filter(|example| example.is_object());
    Schema {
        name: name.to_owned(),
        about: text(&schema["description"]),
        shape: shape(schema),
        members: members.collect(),
        example: example.and_then(|example| serde_json::to_string_pretty(example).ok()).unwrap_or_default(),
    }
}

/// A schema in a few words.
fn shape(schema: &Value) -> String {
    if !referred(schema).is_empty() {
        return referred(schema);
    }
    if let Some(words) = schema.get("enum") {
        return items(words).map(text).collect::<Vec<_>>().join(" | ");
    }
    if let Some(word) = schema.get("const") {
        return word.as_str().map_or_else(|| word.to_string(), str::to_owned);
    }
    for several in ["oneOf", "allOf"] {
        if let Some(choices) = schema.get(several) {
            let between = if several == "oneOf" { " | " } else { " & " };
            return items(choices).map(shape).collect::<Vec<_>>().join(between);
        }
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", shape(&schema["items"])),
        Some("object") => {
            let members: Vec<String> =
                objects(&schema["properties"]).map(|(name, member)| format!("{name}: {}", shape(member))).collect();
            if members.len() > 4 { "object".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
        }
        Some("string") => {
            schema["pattern"].as_str().map_or_else(|| "text".to_owned(), |pattern| format!("/{pattern}/"))
        }
        Some(other) => other.to_owned(),
        None => String::new(),
    }
}

/// Name of the schema a reference leads to.
fn referred(schema: &Value) -> String {
    let reference = schema["$ref"].as_str().unwrap_or_default();
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn objects(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::openapi::ROUTES;

    #[test]
    fn the_page_shows_every_route_schema_and_problem_and_loads_nothing_from_elsewhere() {
        let page = docs(openapi()).render().unwrap();
        for route in ROUTES {
            assert!(page.contains(&format!("id=\"{}\"", route.name)), "{}", route.path);
        }
        for (name, _) in objects(&openapi()["components"]["schemas"]) {
            assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
        }
        for kind in Kind::ALL {
            assert!(page.contains(&kind.uri()), "{}", kind.code);
        }
        assert!(!page.contains("<script") && !page.contains("src=\"http") && !page.contains("href=\"http"));
    }
}

//! `/docs`: the API document as a page, and `/problems/{code}`: what a problem means. Made from the
//! document itself, which is handed in: pages know no API. No script, nothing from elsewhere. The
//! frame around is that of every page, in the reader's language; the document itself is in English,
//! as the machines' names in it are.

use std::fmt;
use std::sync::Arc;

use akashi_desk::app::SharedApp;
use akashi_proof::record::kind::Language;
use askama::Template;
use axum::extract::Path;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::Value;

use crate::frame::compress;
use crate::frame::error::PageError;
use crate::frame::shell::Shell;
use crate::frame::visit::{self, Answer, Visit};
use crate::words::text::Rich;

#[derive(Template)]
#[template(path = "api_docs.html")]
struct Docs<'a> {
    title: String,
    about: Prose,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
    problems: &'a [Explained],
}

/// A kind of problem and what it means.
pub struct Explained {
    /// Last segment of its `type`, which is `/problems/{code}`.
    pub code: &'static str,
    /// The status it is answered with.
    pub status: u16,
    /// One sentence.
    pub title: &'static str,
}

impl Explained {
    fn uri(&self) -> String {
        format!("/problems/{}", self.code)
    }

    fn prose(&self) -> Prose {
        Prose(self.title.to_owned())
    }
}

struct Group {
    about: Prose,
    operations: Vec<Operation>,
}

struct Operation {
    anchor: String,
    method: String,
    path: String,
    summary: Prose,
    description: Prose,
    token: bool,
    parameters: Vec<Member>,
    /// Media type and name of the schema.
    body: Option<(String, String)>,
    claims: Option<String>,
    responses: Vec<Answered>,
}

struct Answered {
    status: String,
    lines: Vec<Prose>,
    media_type: String,
    schema: String,
}

struct Member {
    name: String,
    place: String,
    required: bool,
    shape: String,
    about: Prose,
}

struct Schema {
    name: String,
    about: Prose,
    shape: String,
    members: Vec<Member>,
    example: String,
}

#[derive(Template)]
#[template(path = "api_problem.html")]
struct ProblemPage {
    code: &'static str,
    status: u16,
    title: Prose,
}

/// Either of them in the frame of a page.
#[derive(Template)]
#[template(path = "api_page.html")]
struct Framed<'a> {
    shell: Shell,
    /// That the text is in English, for readers of the other language.
    note: Option<&'static str>,
    body: &'a str,
}

/// Text of the document: what stands between backticks is code. Everything else is text and nothing
/// but text.
struct Prose(String);

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.0.split('`').collect();
        let closed = parts.len() % 2 == 1;
        for (number, part) in parts.iter().enumerate() {
            let escaped = Rich::new(Language::En, *part);
            match (number % 2 == 1, closed || number + 1 < parts.len()) {
                (true, true) => write!(f, "<code>{escaped}</code>")?,
                // The last backtick has no partner: it is one.
                (true, false) => write!(f, "`{escaped}")?,
                (false, _) => write!(f, "{escaped}")?,
            }
        }
        Ok(())
    }
}

impl askama::filters::HtmlSafe for Prose {}

/// What is shown, made once.
struct Documented {
    /// The document; `None` if it could not be written.
    body: Option<String>,
    problems: Vec<Explained>,
}

/// The routes of an API with this OpenAPI document and these kinds of problems.
pub fn routes(openapi: &Value, problems: Vec<Explained>) -> Router<SharedApp> {
    let body = docs(openapi, &problems).render().ok();
    Router::new()
        .route("/docs", get(page))
        .route("/problems/{code}", get(problem))
        .layer(Extension(Arc::new(Documented { body, problems })))
        .layer(from_fn(visit::carry))
        .layer(from_fn(compress::public_pages))
}

/// The readable document.
async fn page(visit: Visit, Extension(api): Extension<Arc<Documented>>) -> Answer {
    frame(&visit, "API", api.body.clone().ok_or(PageError::Internal)?).await
}

/// What a problem means.
async fn problem(
    visit: Visit,
    Path(code): Path<String>,
    Extension(api): Extension<Arc<Documented>>,
) -> Answer {
    let known = api.problems.iter().find(|problem| problem.code == code);
    let known = known.ok_or(PageError::NotFound)?;
    let page = ProblemPage {
        code: known.code,
        status: known.status,
        title: known.prose(),
    };
    frame(&visit, known.code, page.render()?).await
}

async fn frame(visit: &Visit, title: &'static str, body: String) -> Answer {
    let note = (visit.language == Language::Ja).then_some("この文書は英語で書かれています。");
    let framed = visit.read(move |books| {
        visit::page(Framed {
            shell: books.shell(title),
            note,
            body: &body,
        })
    });
    framed.await
}

fn prose(value: &Value) -> Prose {
    Prose(text(value))
}

fn docs<'a>(document: &Value, problems: &'a [Explained]) -> Docs<'a> {
    let operations: Vec<(String, Operation)> = objects(&document["paths"])
        .flat_map(|(path, methods)| {
            objects(methods).map(move |(method, operation)| {
                (tag(operation), read_operation(method, path, operation))
            })
        })
        .collect();
    let mut operations: Vec<Option<(String, Operation)>> =
        operations.into_iter().map(Some).collect();
    let groups = items(&document["tags"]).map(|group| {
        let name = text(&group["name"]);
        let own = operations
            .iter_mut()
            .filter_map(|slot| slot.take_if(|(tag, _)| *tag == name).map(|(_, own)| own));
        Group {
            about: prose(&group["description"]),
            operations: own.collect(),
        }
    });
    Docs {
        title: text(at(document, "/info/title")),
        about: prose(at(document, "/info/description")),
        groups: groups.collect(),
        schemas: objects(at(document, "/components/schemas"))
            .map(|(name, schema)| read_schema(name, schema))
            .collect(),
        problems,
    }
}

fn tag(operation: &Value) -> String {
    text(at(operation, "/tags/0"))
}

fn read_operation(method: &str, path: &str, operation: &Value) -> Operation {
    let body = objects(at(operation, "/requestBody/content")).next();
    Operation {
        anchor: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: prose(&operation["summary"]),
        description: prose(&operation["description"]),
        token: operation.get("security").is_some(),
        parameters: items(&operation["parameters"])
            .map(|parameter| Member {
                name: text(&parameter["name"]),
                place: text(&parameter["in"]),
                required: parameter["required"] == Value::Bool(true),
                shape: text(at(parameter, "/schema/pattern")),
                about: prose(&parameter["description"]),
            })
            .collect(),
        body: body
            .map(|(media_type, content)| (media_type.to_owned(), referred(&content["schema"]))),
        claims: operation["requestBody"]
            .get("x-akashi-claims")
            .map(referred),
        responses: objects(&operation["responses"])
            .map(|(status, response)| {
                let content = objects(&response["content"]).next();
                Answered {
                    status: status.to_owned(),
                    lines: text(&response["description"])
                        .split("\n\n")
                        .map(|line| Prose(line.to_owned()))
                        .collect(),
                    media_type: content
                        .map(|(media_type, _)| media_type.to_owned())
                        .unwrap_or_default(),
                    schema: content
                        .map(|(_, content)| referred(&content["schema"]))
                        .unwrap_or_default(),
                }
            })
            .collect(),
    }
}

fn read_schema(name: &str, schema: &Value) -> Schema {
    let required: Vec<&str> = items(&schema["required"])
        .filter_map(Value::as_str)
        .collect();
    let members = objects(&schema["properties"]).map(|(name, member)| Member {
        name: name.to_owned(),
        place: String::new(),
        required: required.contains(&name),
        shape: shape(member),
        about: prose(&member["description"]),
    });
    let example = schema["examples"]
        .get(0)
        .filter(|example| example.is_object());
    Schema {
        name: name.to_owned(),
        about: prose(&schema["description"]),
        shape: shape(schema),
        members: members.collect(),
        example: example
            .and_then(|example| serde_json::to_string_pretty(example).ok())
            .unwrap_or_default(),
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
        return word
            .as_str()
            .map_or_else(|| word.to_string(), str::to_owned);
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
            let members: Vec<String> = objects(&schema["properties"])
                .map(|(name, member)| format!("{name}: {}", shape(member)))
                .collect();
            if members.len() > 4 {
                "object".to_owned()
            } else {
                format!("{{ {} }}", members.join(", "))
            }
        }
        Some("string") => schema["pattern"]
            .as_str()
            .map_or_else(|| "text".to_owned(), |pattern| format!("/{pattern}/")),
        Some(other) => other.to_owned(),
        None => String::new(),
    }
}

/// Name of the schema a reference leads to.
fn referred(schema: &Value) -> String {
    let reference = schema["$ref"].as_str().unwrap_or_default();
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What stands at this place of the document ([RFC 6901]); null where nothing does.
///
/// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn objects(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_backticks_is_code_and_nothing_is_markup() {
        let shown = |text: &str| Prose(text.to_owned()).to_string();
        assert_eq!(
            shown("a `b<c>` & `d`"),
            "a <code>b&lt;c&gt;</code> &amp; <code>d</code>"
        );
        assert_eq!(shown("`"), "`");
        assert_eq!(shown("a ` <b>"), "a ` &lt;b&gt;");
        assert_eq!(shown(""), "");
    }
}

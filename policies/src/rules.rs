//! Step 10: the pack's rules, in Cedar.
//!
//! A rule sees sectors, role, purpose, process, categories and the kind of basis - neither the
//! person nor the time. So an answer depends on a handful of codes alone and can be remembered
//! without ever changing it. The schema is made of the pack's own codes: a rule that names an
//! unknown code is refused when the pack is loaded.
//!
//! Cedar skips a rule whose evaluation fails, even one that forbids. Here any such error refuses.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::RwLock;

use akashi_proof::record::kind::BasisKind;
use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};

use crate::category::Category;
use crate::codes::{Bits, CODES_MAX, Coded, Codes, Place};
use crate::error::PackError;
use crate::process::Process;
use crate::purpose::Purpose;
use crate::role::Role;
use crate::settings::Meaning;
use crate::text::Text;

/// Answers remembered before all are forgotten: 8,192 of some 64 bytes are half a megabyte. The
/// town's whitelist has a few hundred combinations that ever come up; a requester who tries all
/// subsets of categories only clears the memory.
const MEMORY_MAX: usize = 8192;

/// A rule of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code, as it stands in recorded reasons.
    pub code: String,
    /// What it says.
    pub sentence: Text,
}

impl Coded for Rule {
    fn code(&self) -> &str {
        &self.code
    }
}

/// The tables rules may name.
pub(crate) struct Vocabulary<'p> {
    pub(crate) sectors: &'p Codes<Meaning>,
    pub(crate) roles: &'p Codes<Role>,
    pub(crate) purposes: &'p Codes<Purpose>,
    pub(crate) processes: &'p Codes<Process>,
    pub(crate) categories: &'p Codes<Category>,
}

/// All that a rule can see of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scene {
    pub(crate) requester: Place,
    pub(crate) holder: Place,
    pub(crate) role: Place,
    pub(crate) purpose: Place,
    pub(crate) process: Place,
    pub(crate) categories: Bits,
    pub(crate) basis: BasisKind,
}

/// What the rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A rule permits it, none forbids it, all could be evaluated.
    Allowed,
    /// These rules forbid it.
    Forbidden(Bits),
    /// No rule permits it.
    NotPermitted,
    /// A rule could not be evaluated.
    Failed,
}

/// The rules of a pack, validated.
pub(crate) struct Rules {
    schema: Schema,
    policies: PolicySet,
    places: HashMap<PolicyId, Place>,
    rules: Codes<Rule>,
    names: Names,
    memory: RwLock<HashMap<Scene, Verdict>>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Rules {
    /// Reads and validates the rules.
    ///
    /// # Errors
    /// [`PackError::Rules`] in Cedar's words, or [`PackError::Value`] for a rule without code or
    /// sentence.
    pub(crate) fn new(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Self, PackError> {
        let policies = PolicySet::from_str(text).map_err(|error| failed(&error))?;
        if policies.templates().next().is_some() {
            return Err(failed(&"expected policies, found a template"));
        }
        let (schema, _) = Schema::from_cedarschema_str(&schema_text(vocabulary))
            .map_err(|error| failed(&error))?;
        let checked = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if let Some(error) = checked.validation_errors().next() {
            return Err(failed(error));
        }
        // A warning is a rule that cannot do what its author meant: one that never applies, or
        // look-alike letters.
        if let Some(warning) = checked.validation_warnings().next() {
            return Err(failed(warning));
        }
        let (rules, places) = described(&policies)?;
        let names = Names::new(vocabulary)?;
        Ok(Self {
            schema,
            policies,
            places,
            rules,
            names,
            memory: RwLock::default(),
        })
    }

    /// The rules, as people read them.
    pub(crate) const fn described(&self) -> &Codes<Rule> {
        &self.rules
    }

    /// What the rules say of an access. Remembered answers and fresh ones are the same.
    pub(crate) fn verdict(&self, scene: &Scene) -> Verdict {
        let remembered = self
            .memory
            .read()
            .ok()
            .and_then(|memory| memory.get(scene).copied());
        remembered.unwrap_or_else(|| {
            let verdict = self.evaluate(scene);
            // A poisoned lock costs the memory, never the answer.
            if let Ok(mut memory) = self.memory.write() {
                if memory.len() >= MEMORY_MAX {
                    memory.clear();
                }
                memory.insert(*scene, verdict);
            }
            verdict
        })
    }

    fn evaluate(&self, scene: &Scene) -> Verdict {
        let Some(request) = self.request(scene) else {
            return Verdict::Failed;
        };
        let response =
            Authorizer::new().is_authorized(&request, &self.policies, &Entities::empty());
        if response.diagnostics().errors().next().is_some() {
            return Verdict::Failed;
        }
        match response.decision() {
            Decision::Allow => Verdict::Allowed,
            Decision::Deny => {
                let reasons = response
                    .diagnostics()
                    .reason()
                    .filter_map(|id| self.places.get(id));
                match reasons.fold(Bits::default(), |bits, place| bits.with(*place)) {
                    none if none == Bits::default() => Verdict::NotPermitted,
                    forbidding => Verdict::Forbidden(forbidding),
                }
            }
        }
    }

    /// The access in Cedar's terms; `None` if Cedar does not take it, which refuses.
    fn request(&self, scene: &Scene) -> Option<Request> {
        let names = &self.names;
        let categories = names
            .categories
            .iter()
            .filter(|(place, _)| scene.categories.contains(*place));
        let categories =
            categories.map(|(_, name)| RestrictedExpression::new_entity_uid(name.clone()));
        let context = Context::from_pairs([
            ("role".to_owned(), names.roles.expression(scene.role)?),
            (
                "purpose".to_owned(),
                names.purposes.expression(scene.purpose)?,
            ),
            (
                "process".to_owned(),
                names.processes.expression(scene.process)?,
            ),
            (
                "categories".to_owned(),
                RestrictedExpression::new_set(categories),
            ),
            (
                "basis".to_owned(),
                RestrictedExpression::new_entity_uid(uid("Basis", scene.basis.as_str()).ok()?),
            ),
        ])
        .ok()?;
        let requester = names.sectors.name(scene.requester)?.clone();
        let holder = names.sectors.name(scene.holder)?.clone();
        Request::new(
            requester,
            names.action.clone(),
            holder,
            context,
            Some(&self.schema),
        )
        .ok()
    }
}

/// Cedar's names of the pack's codes.
struct Names {
    action: EntityUid,
    sectors: NamesOf,
    roles: NamesOf,
    purposes: NamesOf,
    processes: NamesOf,
    categories: NamesOf,
}

struct NamesOf(Vec<(Place, EntityUid)>);

impl NamesOf {
    fn new<T: Coded>(entity_type: &str, codes: &Codes<T>) -> Result<Self, PackError> {
        let names = codes
            .places()
            .map(|place| Ok((place, uid(entity_type, codes.at(place).code())?)));
        names.collect::<Result<_, _>>().map(Self)
    }

    fn iter(&self) -> impl Iterator<Item = &(Place, EntityUid)> {
        self.0.iter()
    }

    fn name(&self, place: Place) -> Option<&EntityUid> {
        self.0
            .iter()
            .find(|(at, _)| *at == place)
            .map(|(_, name)| name)
    }

    fn expression(&self, place: Place) -> Option<RestrictedExpression> {
        self.name(place)
            .cloned()
            .map(RestrictedExpression::new_entity_uid)
    }
}

impl Names {
    fn new(vocabulary: &Vocabulary<'_>) -> Result<Self, PackError> {
        Ok(Self {
            action: uid("Action", "access")?,
            sectors: NamesOf::new("Sector", vocabulary.sectors)?,
            roles: NamesOf::new("Role", vocabulary.roles)?,
            purposes: NamesOf::new("Purpose", vocabulary.purposes)?,
            processes: NamesOf::new("Process", vocabulary.processes)?,
            categories: NamesOf::new("Category", vocabulary.categories)?,
        })
    }
}

fn uid(entity_type: &str, code: &str) -> Result<EntityUid, PackError> {
    let entity_type = EntityTypeName::from_str(entity_type).map_err(|error| failed(&error))?;
    Ok(EntityUid::from_type_name_and_id(
        entity_type,
        EntityId::new(code),
    ))
}

fn failed(error: &dyn std::fmt::Display) -> PackError {
    PackError::Rules {
        message: error.to_string(),
    }
}

/// The schema rules are validated against: every code of the pack is the name of an entity, and
/// there are no others.
fn schema_text(vocabulary: &Vocabulary<'_>) -> String {
    let bases: Vec<&str> = BasisKind::ALL.iter().map(|basis| basis.as_str()).collect();
    [
        enumeration("Sector", &codes(vocabulary.sectors)),
        enumeration("Role", &codes(vocabulary.roles)),
        enumeration("Purpose", &codes(vocabulary.purposes)),
        enumeration("Process", &codes(vocabulary.processes)),
        enumeration("Category", &codes(vocabulary.categories)),
        enumeration("Basis", &bases),
        "action \"access\" appliesTo { principal: Sector, resource: Sector, context: { role: Role, purpose: Purpose, \
         process: Process, categories: Set<Category>, basis: Basis } };"
            .to_owned(),
    ]
    .join("\n")
}

fn codes<T: Coded>(table: &Codes<T>) -> Vec<&str> {
    table.items().iter().map(Coded::code).collect()
}

/// Codes are of a-z 0-9 . - _ and need no escaping.
fn enumeration(entity_type: &str, codes: &[&str]) -> String {
    format!("entity {entity_type} enum [\"{}\"];", codes.join("\", \""))
}

/// Reads the annotations `@id`, `@ja` and `@en` every rule must have: who is refused by it must be
/// able to read it.
fn described(policies: &PolicySet) -> Result<(Codes<Rule>, HashMap<PolicyId, Place>), PackError> {
    let value_error = |key: String, expected: &str, found: String| PackError::Value {
        file: "rules.cedar",
        key,
        expected: expected.to_owned(),
        found,
    };
    let mut rules = Vec::new();
    let mut ids = Vec::new();
    for policy in policies.policies() {
        let annotation = |name: &str| {
            let text = policy.annotation(name).unwrap_or_default().trim();
            let key = format!("{}.@{name}", policy.annotation("id").unwrap_or("policy"));
            if text.is_empty() {
                Err(value_error(key, "a text", "nothing".to_owned()))
            } else {
                Ok(text.to_owned())
            }
        };
        let code = annotation("id")?;
        if akashi_proof::ids::ProcessId::parse(&code).is_err() {
            return Err(value_error(
                "@id".to_owned(),
                "a code of a-z 0-9 . - _",
                format!("`{code}`"),
            ));
        }
        rules.push(Rule {
            code: code.clone(),
            sentence: Text {
                ja: annotation("ja")?,
                en: annotation("en")?,
            },
        });
        ids.push((policy.id().clone(), code));
    }
    // Cedar keeps policies in no order: sorted, the same text is the same table everywhere.
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    let rules = Codes::new(rules).map_err(|error| match error {
        crate::codes::TableError::Count(found) => value_error(
            "policies".to_owned(),
            &format!("1 to {CODES_MAX} rules"),
            found.to_string(),
        ),
        crate::codes::TableError::Duplicate(code) => value_error(
            "@id".to_owned(),
            "each code once",
            format!("`{code}` twice"),
        ),
    })?;
    let places = ids
        .into_iter()
        .filter_map(|(id, code)| Some((id, rules.place(&code)?)))
        .collect();
    Ok((rules, places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Pack;

    /// Every scene of one category or two, whether a whitelist would let it come up or not.
    fn scenes(pack: &Pack) -> Vec<Scene> {
        let mut scenes = Vec::new();
        let sectors: Vec<Place> = pack.sectors.places().collect();
        let categories: Vec<Place> = pack.categories.places().collect();
        for (turn, process) in pack.processes.places().enumerate() {
            for (purpose, role) in pack
                .purposes
                .places()
                .flat_map(|p| pack.roles.places().map(move |r| (p, r)))
            {
                for basis in BasisKind::ALL {
                    let pick = |places: &[Place], by: usize| {
                        places[(scenes.len() * by + turn) % places.len()]
                    };
                    let categories = Bits::one(pick(&categories, 1)).with(pick(&categories, 7));
                    let (requester, holder) = (pick(&sectors, 3), pick(&sectors, 1));
                    scenes.push(Scene {
                        requester,
                        holder,
                        role,
                        purpose,
                        process,
                        categories,
                        basis: *basis,
                    });
                }
            }
        }
        scenes
    }

    #[test]
    fn memory_never_changes_an_answer_and_is_bounded() {
        let pack = Pack::town().unwrap();
        let scenes = scenes(&pack);
        assert!(scenes.len() > 2000);
        let fresh: Vec<Verdict> = scenes
            .iter()
            .map(|scene| pack.rules.evaluate(scene))
            .collect();
        for distinct in [Verdict::Allowed, Verdict::Failed, Verdict::NotPermitted] {
            let expected = distinct == Verdict::Allowed;
            assert_eq!(fresh.contains(&distinct), expected, "{distinct:?}");
        }
        assert!(
            fresh
                .iter()
                .any(|verdict| matches!(verdict, Verdict::Forbidden(_)))
        );
        for _ in 0..2 {
            let remembered: Vec<Verdict> = scenes
                .iter()
                .map(|scene| pack.rules.verdict(scene))
                .collect();
            assert_eq!(remembered, fresh);
        }
    }

    #[test]
    fn a_full_memory_is_emptied_and_answers_go_on() {
        let pack = Pack::town().unwrap();
        let scene = scenes(&pack)[0];
        let categories: Vec<Place> = pack.categories.places().collect();
        for role in pack.roles.places() {
            for subset in 0..1u32 << categories.len() {
                let chosen = categories
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| subset >> bit & 1 == 1);
                let categories = chosen.fold(Bits::default(), |set, (_, place)| set.with(*place));
                let mut memory = pack.rules.memory.write().unwrap();
                if memory.len() < MEMORY_MAX {
                    memory.insert(
                        Scene {
                            role,
                            categories,
                            ..scene
                        },
                        Verdict::Failed,
                    );
                }
            }
        }
        let unseen = Scene {
            basis: BasisKind::Statistics,
            ..scene
        };
        assert_eq!(pack.rules.memory.read().unwrap().len(), MEMORY_MAX);
        assert_eq!(pack.rules.verdict(&unseen), pack.rules.evaluate(&unseen));
        assert_eq!(pack.rules.memory.read().unwrap().len(), 1);
    }

    #[test]
    fn a_poisoned_memory_costs_time_and_nothing_else() {
        let pack = Pack::town().unwrap();
        let scenes = scenes(&pack);
        std::thread::scope(|scope| {
            let holder = scope.spawn(|| {
                let _held = pack.rules.memory.write();
                panic!("on purpose");
            });
            assert!(holder.join().is_err());
        });
        for scene in scenes.iter().take(100) {
            assert_eq!(pack.rules.verdict(scene), pack.rules.evaluate(scene));
        }
    }
}

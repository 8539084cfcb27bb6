//! Rules as written become rules that cannot be wrong. Rows are held against the codes of the pack,
//! not against its whitelist: a rule is there for the row that somebody will add next year.

use akashi_proof::ids::RuleCode;
use akashi_proof::reason::{FORBIDDEN_BY_RULE, Reason};
use akashi_proof::record::kind::BasisKind;

use super::{At, Known};
use crate::codes::{Bits, CODES_MAX, Coded, Codes};
use crate::error::PackError;
use crate::files::RULES_FILE;
use crate::forbid::{Condition, Rule};
use crate::process::Process;
use crate::source::{self, Select};

/// Checks the rows one by one, and each against those before it.
pub(crate) fn rules(
    file: source::RulesFile,
    known: &Known<'_>,
    processes: &Codes<Process>,
) -> Result<Vec<Rule>, PackError> {
    if file.forbid.len() > CODES_MAX {
        return Err(At::new(RULES_FILE, "forbid").wrong(
            format!("at most {CODES_MAX} of them"),
            file.forbid.len().to_string(),
        ));
    }
    let mut rules: Vec<Rule> = Vec::new();
    for row in file.forbid {
        let at = At::new(RULES_FILE, format!("forbid[{}]", row.code));
        let rule = rule(&at, row, known, processes)?;
        if let Some(other) = rules.iter().find(|other| other.code == rule.code) {
            return Err(At::new(RULES_FILE, "forbid")
                .wrong("each code once", format!("`{}` twice", other.code)));
        }
        if let Some(other) = rules.iter().find(|other| other.condition == rule.condition) {
            return Err(at.wrong(
                "what no other row forbids",
                format!("the condition of `{}`", other.code),
            ));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn rule(
    at: &At,
    row: source::Forbid,
    known: &Known<'_>,
    processes: &Codes<Process>,
) -> Result<Rule, PackError> {
    let condition = Condition {
        requesters: at
            .key("requesters")
            .select(row.requesters.as_ref(), known.sectors)?,
        holders: at
            .key("holders")
            .select(row.holders.as_ref(), known.sectors)?,
        roles: at.key("roles").select(row.roles.as_ref(), known.roles)?,
        purposes: at
            .key("purposes")
            .select(row.purposes.as_ref(), known.purposes)?,
        processes: at
            .key("processes")
            .select(row.processes.as_ref(), processes)?,
        categories: at
            .key("categories")
            .select(row.categories.as_ref(), known.categories)?,
        bases: at.key("bases").select_bases(row.bases.as_ref())?,
        case: row.case,
        on_behalf_of: row.on_behalf_of,
    };
    if condition == everything(known, processes) {
        return Err(at.wrong(
            "lines that leave some access allowed",
            "a row that forbids everything",
        ));
    }
    if let Some(Select::Of(_)) = row.roles {
        let mut named = known.roles.items_in(condition.roles);
        if let Some(role) = named.find(|role| !role.sector_bits.intersects(condition.requesters)) {
            return Err(at.key("roles").wrong(
                "roles of the sectors in `requesters`",
                format!("`{}`", role.code),
            ));
        }
    }
    Ok(Rule {
        code: code(&at.key("code"), &row.code)?,
        sentence: at.key("sentence").text(row.sentence)?,
        condition,
    })
}

/// A rule's code stands beside the reasons of the decision in the same list of a record, where it
/// must not be taken for one of them.
fn code(at: &At, text: &str) -> Result<RuleCode, PackError> {
    let code = at.id(text, RuleCode::parse)?;
    if Reason::parse(text).is_some() || text == FORBIDDEN_BY_RULE {
        let expected = "a code that is no reason of a decision";
        return Err(at.wrong(expected, format!("`{text}`")));
    }
    Ok(code)
}

/// What a row without a line would catch.
fn everything(known: &Known<'_>, processes: &Codes<Process>) -> Condition {
    Condition {
        requesters: known.sectors.all(),
        holders: known.sectors.all(),
        roles: known.roles.all(),
        purposes: known.purposes.all(),
        processes: processes.all(),
        categories: known.categories.all(),
        bases: BasisKind::ALL.to_vec(),
        case: None,
        on_behalf_of: None,
    }
}

impl At {
    /// The set a line stands for. One that leaves nothing is refused: its row could never catch
    /// anything.
    fn select<T: Coded>(&self, line: Option<&Select>, table: &Codes<T>) -> Result<Bits, PackError> {
        match line {
            None => Ok(table.all()),
            Some(Select::Of(codes)) => self.places(codes, table),
            Some(Select::Not(codes)) => {
                let left = table.all().without(self.key("not").places(codes, table)?);
                if left.is_empty() {
                    Err(self.excludes_all())
                } else {
                    Ok(left)
                }
            }
        }
    }

    fn select_bases(&self, line: Option<&Select>) -> Result<Vec<BasisKind>, PackError> {
        let named = match line {
            None => return Ok(BasisKind::ALL.to_vec()),
            Some(Select::Of(words)) => self.bases(words)?,
            Some(Select::Not(words)) => self.key("not").bases(words)?,
        };
        let wanted = matches!(line, Some(Select::Of(_)));
        let all = BasisKind::ALL.iter().copied();
        let left: Vec<_> = all
            .filter(|basis| named.contains(basis) == wanted)
            .collect();
        if left.is_empty() {
            Err(self.excludes_all())
        } else {
            Ok(left)
        }
    }

    fn excludes_all(&self) -> PackError {
        self.wrong(
            "codes that leave others",
            "all of them: the row would never catch anything",
        )
    }
}

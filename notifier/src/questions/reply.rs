//! What a person means by answering an SMS. Pure: a text in, word, references and code out.
//!
//! An answer is a word of the lists with the reference of the question, or the word alone with
//! nothing else in the message. The message is read phrase by phrase: a phrase that holds anything
//! unknown says nothing, so that "no problem, go ahead" is no refusal. A text with our own words in
//! it, a question, and what a telephone says of itself are no answers either. Where in doubt there
//! is none: she is told how to answer, and silence is never consent.

mod fold;
mod words;

use akashi_proof::ids::Reference;

use crate::typed::six_digits;
use fold::folded;
use words::{AUTOMATIC, ENTRY_WORDS_MAX, Meaning, OURS, YES_SIGNS, first_of, meaning};

/// What she says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Approve,
    Refuse,
    Report,
}

/// A reply, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Nothing where the text is no answer, or says two things at once.
    pub(crate) word: Option<Word>,
    /// Every reference it names.
    pub(crate) references: Vec<Reference>,
    /// The six digits, if there is exactly one such run.
    pub(crate) code: Option<String>,
}

/// Longest reply looked at: two SMS segments hold 306 characters. What is longer is no answer, and
/// is not read.
const REPLY_LEN_MAX: usize = 320;

/// Fewest digits that can be a code mistyped; fewer are a number in a sentence.
const DIGITS_MIN: usize = 4;
/// Digits of a code.
const CODE_DIGITS: usize = 6;

/// Takes a reply apart.
pub(crate) fn read(text: &str) -> Reply {
    if text.chars().nth(REPLY_LEN_MAX).is_some() {
        return Reply::default();
    }
    let text = folded(text);
    if [OURS, AUTOMATIC]
        .iter()
        .any(|list| list.iter().any(|words| text.contains(words)))
    {
        return Reply::default();
    }
    let Taken {
        phrases,
        asks,
        quotes,
    } = Taken::apart(&text);
    if asks {
        return Reply::default();
    }
    let read: Vec<Option<Phrase>> = phrases.iter().map(|phrase| Phrase::read(phrase)).collect();
    let all_known = read.iter().all(Option::is_some);
    let named_unknown = phrases
        .iter()
        .zip(&read)
        .any(|(tokens, read)| read.is_none() && tokens.iter().any(|t| t.reference().is_some()));
    if named_unknown || (quotes && !all_known) {
        return Reply::default();
    }
    let mut said = Phrase::default();
    read.into_iter()
        .flatten()
        .for_each(|phrase| said.add(phrase));
    let says = |meaning| said.meanings.contains(&meaning);
    let word = match (
        says(Meaning::Approve),
        says(Meaning::Refuse),
        says(Meaning::Report),
    ) {
        (false, _, true) => Some(Word::Report),
        (false, true, false) => Some(Word::Refuse),
        (true, false, false) if all_known => Some(Word::Approve),
        (true, ..) | (false, false, false) => None,
    };
    let mut codes = said.digits.iter().filter_map(|run| six_digits(run));
    let code = codes.next().filter(|_| codes.next().is_none());
    Reply {
        word: word.filter(|_| all_known || !said.references.is_empty()),
        references: said.references,
        code,
    }
}

/// A run of characters of one kind.
#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    text: String,
}

impl Token {
    fn reference(&self) -> Option<Reference> {
        reference(&self.text)
    }
}

fn reference(text: &str) -> Option<Reference> {
    Reference::parse(&text.to_ascii_uppercase()).ok()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Latin,
    Digit,
    Japanese,
    /// Letters of other scripts, and signs that contradict a word.
    Unknown,
}

impl Kind {
    /// Nothing for what only separates.
    fn of(c: char) -> Option<Self> {
        Some(match c {
            '0'..='9' => Self::Digit,
            'a'..='z' => Self::Latin,
            '\u{3005}' | '\u{3041}'..='\u{3096}' | '\u{30FC}' | '\u{4E00}'..='\u{9FFF}' => {
                Self::Japanese
            }
            c if c.is_alphanumeric() || YES_SIGNS.contains(&c) => Self::Unknown,
            _ => return None,
        })
    }
}

/// A text in phrases.
#[derive(Default)]
struct Taken {
    phrases: Vec<Vec<Token>>,
    asks: bool,
    quotes: bool,
}

impl Taken {
    fn apart(text: &str) -> Self {
        let mut taken = Self::default();
        let mut phrase: Vec<Token> = Vec::new();
        let mut goes_on = false;
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if let Some(kind) = Kind::of(c) {
                match phrase.last_mut() {
                    Some(last) if goes_on && last.kind == kind => last.text.push(c),
                    _ => phrase.push(Token {
                        kind,
                        text: c.to_string(),
                    }),
                }
                goes_on = true;
                continue;
            }
            // "don't" is one word.
            goes_on = goes_on && matches!(c, '\'' | '\u{2019}');
            let ends = match c {
                '?' => {
                    taken.asks = true;
                    true
                }
                '"' | '\u{201C}'..='\u{201F}' | '«' | '»' | '「' | '」' | '『' | '』' => {
                    taken.quotes = true;
                    true
                }
                '.' => rest.peek().is_none_or(|next| next.is_whitespace()),
                '\n' | '。' | '、' | ',' | ';' | ':' | '!' | '/' | '(' | ')' | '[' | ']' | '<'
                | '>' => true,
                _ => false,
            };
            if ends {
                taken.phrases.push(std::mem::take(&mut phrase));
            }
        }
        taken.phrases.push(phrase);
        taken
    }
}

/// What a phrase says of which every part is known.
#[derive(Default)]
struct Phrase {
    meanings: Vec<Meaning>,
    references: Vec<Reference>,
    digits: Vec<String>,
}

impl Phrase {
    fn add(&mut self, other: Self) {
        self.meanings.extend(other.meanings);
        self.references.extend(other.references);
        self.digits.extend(other.digits);
    }

    /// Nothing where a part of it is not known.
    fn read(tokens: &[Token]) -> Option<Self> {
        let tokens = joined(tokens);
        let mut phrase = Self::default();
        let mut rest = tokens.as_slice();
        while let Some((first, after)) = rest.split_first() {
            let entry = (1..=ENTRY_WORDS_MAX.min(rest.len()))
                .rev()
                .find_map(|count| {
                    let (entry, after) = rest.split_at_checked(count)?;
                    let words: Vec<&str> = entry.iter().map(|token| token.text.as_str()).collect();
                    Some((meaning(&words.join(" "))?, after))
                });
            if let Some((meaning, after)) = entry {
                phrase.meanings.push(meaning);
                rest = after;
                continue;
            }
            phrase.take(first)?;
            rest = after;
        }
        Some(phrase)
    }

    fn take(&mut self, token: &Token) -> Option<()> {
        match token.kind {
            Kind::Digit => {
                (token.text.len() >= DIGITS_MIN).then(|| self.digits.push(token.text.clone()))
            }
            Kind::Latin => self.take_latin(&token.text),
            Kind::Japanese => {
                let mut rest = token.text.as_str();
                while !rest.is_empty() {
                    let (meaning, after) = first_of(rest)?;
                    self.meanings.push(meaning);
                    rest = after;
                }
                Some(())
            }
            Kind::Unknown => None,
        }
    }

    /// A reference, or a word and a reference that stand close: `nobktr`.
    fn take_latin(&mut self, text: &str) -> Option<()> {
        if let Some(reference) = reference(text) {
            self.references.push(reference);
            return Some(());
        }
        let (said, named) = (1..text.len()).find_map(|at| {
            let (left, right) = text.split_at_checked(at)?;
            let either = |word: &str, named: &str| Some((meaning(word)?, reference(named)?));
            either(left, right).or_else(|| either(right, left))
        })?;
        self.meanings.push(said);
        self.references.push(named);
        Some(())
    }
}

/// Letters written apart are a word (`N O`), and so are digits written in groups (`482 913`).
fn joined(tokens: &[Token]) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::new();
    let mut spelt = false;
    for token in tokens {
        let single = token.kind == Kind::Latin && token.text.len() == 1;
        match joined.last_mut() {
            Some(last) if single && spelt => last.text.push_str(&token.text),
            Some(last)
                if token.kind == Kind::Digit
                    && last.kind == Kind::Digit
                    && last.text.len() + token.text.len() <= CODE_DIGITS =>
            {
                last.text.push_str(&token.text);
            }
            _ => joined.push(token.clone()),
        }
        spelt = single;
    }
    joined
}

#[cfg(test)]
mod tests;

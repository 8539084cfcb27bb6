//! The routes, in the order they are read in.

use akashi_proof::statement::header::{EVIDENCE_KEY, LINK_KEY, MEDIA_TYPE, REQUEST_NONCE};

use crate::openapi::{Body, Parameter, RouteDoc, Success};
use crate::problem::Kind;

/// The groups.
pub const TAGS: &[(&str, &str)] = &[
    ("institutions", "What institutions ask and report."),
    (
        "registry",
        "What supervisors do to institutions, and institutions to their own keys and roles.",
    ),
    ("log", "The public log, after C2SP tlog-tiles."),
    (
        "documents",
        "This document, readable pages, explanations of problems.",
    ),
    (
        "server",
        "Whether the server lives, its figures, the SMS gateway.",
    ),
];

/// What may go wrong with any request.
const ANY: &[Kind] = &[Kind::INTERNAL, Kind::OVERLOADED, Kind::TIMEOUT];

/// What may go wrong with any statement before it is looked at: nothing is recorded, but the number
/// of those above a rate and of a suspended institution.
const STATEMENT: &[Kind] = &[
    Kind::KNOWN_STATEMENT,
    Kind::MALFORMED_JWS,
    Kind::BAD_HEADER,
    Kind::BAD_REQUEST,
    Kind::UNKNOWN_KEY,
    Kind::BAD_SIGNATURE,
    Kind::TOO_LARGE,
    Kind::MEDIA_TYPE,
    Kind::TOO_MANY_REQUESTS,
    Kind::WRONG_TYPE,
    Kind::MALFORMED_CLAIMS,
    Kind::WRONG_AUDIENCE,
    Kind::SUSPENDED,
];

/// What may be wrong in it after that: recorded, with `index`; of what comes late the first of a
/// key.
const RECORDED: &[Kind] = &[
    Kind::MISSING_MEMBER,
    Kind::UNKNOWN_MEMBER,
    Kind::BAD_MEMBER,
    Kind::ABSURD_DATE,
    Kind::INVALID_KEY,
    Kind::JTI_CONFLICT,
    Kind::NOT_FRESH,
];

/// What the record it rests on, or that of the same statement, may have become: not recorded.
const CLOSED: &[Kind] = &[Kind::RECORD_CLOSED];

/// What whoever reads the public log, or what is the same for everybody, faster than its rate is
/// refused.
const RATED: &[Kind] = &[Kind::TOO_MANY_REQUESTS];

/// The same of a page.
const PAGE_RATED: Success = Success {
    status: 429,
    description: "Asked for too often.",
    media_type: "text/html",
    schema: "",
};

/// What the writer may refuse for a while.
const WRITER: &[Kind] = &[
    Kind::BUSY,
    Kind::STORAGE_LOW,
    Kind::CLOCK,
    Kind::WRITER_STOPPED,
    Kind::SHUTTING_DOWN,
];

/// What an SMS gateway may be answered.
const OF_GATEWAY: &[Kind] = &[
    Kind::BAD_REQUEST,
    Kind::BAD_MEMBER,
    Kind::UNAUTHORISED,
    Kind::NOT_FOUND,
    Kind::TOO_LARGE,
    Kind::MEDIA_TYPE,
    Kind::TOO_MANY_REQUESTS,
    Kind::BUSY,
];

/// What is posted by a gateway is taken, and nothing is said of what it meant.
const TAKEN: &[Success] = &[Success {
    status: 202,
    description: "Taken.",
    media_type: "",
    schema: "",
}];

const STATEMENT_BODY: &str = MEDIA_TYPE;

const fn statement(claims: &'static str) -> Option<Body> {
    Some(Body {
        media_type: STATEMENT_BODY,
        schema: "Statement",
        claims: Some(claims),
    })
}

const fn json(status: u16, description: &'static str, schema: &'static str) -> Success {
    Success {
        status,
        description,
        media_type: "application/json",
        schema,
    }
}

const fn text(description: &'static str) -> Success {
    Success {
        status: 200,
        description,
        media_type: "text/plain",
        schema: "",
    }
}

const fn bytes(description: &'static str) -> Success {
    Success {
        status: 200,
        description,
        media_type: "application/octet-stream",
        schema: "",
    }
}

const fn page(description: &'static str) -> Success {
    Success {
        status: 200,
        description,
        media_type: "text/html",
        schema: "",
    }
}

/// Up to the 20 digits of 2^64 - 1.
const DECIMAL: &str = "^(0|[1-9][0-9]{0,19})$";
const BYTES_32: &str = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$";

/// Every route of the API: a test holds this list and the router together.
pub const ROUTES: &[RouteDoc] = &[
    RouteDoc {
        method: "post",
        path: "/v1/link-codes",
        name: "issueLinkCode",
        tag: "institutions",
        summary: "Learn your own code for a person at your counter",
        description: "The person shows the QR picture of the visible ID and reads out the one-time code that Akashi \
            shows. The institution draws a random 32-byte link key L, signs its check value, and hands L over in a \
            header. Draw a new one each time, it is good for one link. Keep L with the link code: with it a holder \
            checks the gate in the log. Where visible ID and code \
            are not those of exactly one person, nothing is issued.",
        parameters: &[Parameter {
            place: "header",
            name: LINK_KEY,
            required: true,
            description: "The link key L: 32 random bytes.",
            pattern: BYTES_32,
            example: "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
        }],
        body: statement("LinkClaims"),
        success: &[json(200, "The code is issued.", "Issued")],
        problems: &[
            STATEMENT,
            RECORDED,
            &[Kind::NO_MATCH, Kind::MISMATCH, Kind::CONFLICT],
            CLOSED,
            WRITER,
            ANY,
        ],
        token: None,
    },
    RouteDoc {
        method: "post",
        path: "/v1/link-ends",
        name: "endLinkCode",
        tag: "institutions",
        summary: "End your own code for a person",
        description: "Says which code, and why: `not-needed`, `disclosed` (it has come to others), or `wrong-person` \
            (it was tied to somebody else's files: the person is told so). From the record on the code opens nothing, \
            and what was permitted on it is not released any more. A suspended institution may end its codes, too. For \
            the right person ask for a code at your counter, as for anybody.",
        parameters: &[],
        body: statement("LinkEndClaims"),
        success: &[json(200, "The code has ended.", "LinkEnded")],
        problems: &[STATEMENT, RECORDED, &[Kind::NO_MATCH], CLOSED, WRITER, ANY],
        token: None,
    },
    RouteDoc {
        method: "post",
        path: "/v1/accesses",
        name: "decideAccess",
        tag: "institutions",
        summary: "Ask before you query",
        description: "The answer is a decision, durable before it is given: `permit`, `deny`, or `ask` - the person is \
            asked first. All three are 200 and come with the record's index and proof; a permit also with evidence for \
            the holder. A statement that is bad is 4xx and, where a registered key signed it, recorded all the same. \
            Where the person is asked, her phone rings once for the same question - requester, process, purpose, holder \
            and categories, whatever the digest: not while it waits, nor for seven days after it was refused, reported \
            or left unanswered; then it waits on her pages only. Few questions of one institution wait for a person \
            at a time; what is above is refused, and the answer is `ask` all the same. Sent again, the same bytes get the \
            same answer, here and wherever statements are posted: at the address that sent them first while they are \
            fresh, or from anywhere and at any time beside `Authorization: Bearer` with an `akashi-request+jws` of now \
            for `POST` and this path, by a valid key of the signer. Anybody else gets 409 `known-statement`; at a route for another kind of \
            statement, everybody 400 `wrong-type`.",
        parameters: &[Parameter {
            place: "header",
            name: REQUEST_NONCE,
            required: true,
            description: "The 16 random bytes inside `request_digest`. It belongs to the statement: a retry sends both again as they were.",
            pattern: "^[A-Za-z0-9_-]{21}[AQgw]$",
            example: "AgICAgICAgICAgICAgICAg",
        }],
        body: statement("AccessClaims"),
        success: &[json(200, "Decided, or decided before.", "Answer")],
        problems: &[
            STATEMENT,
            RECORDED,
            &[
                Kind::UNKNOWN_CODE,
                Kind::FOREIGN_LINK_CODE,
                Kind::MISMATCH,
                Kind::NO_POLICY,
            ],
            CLOSED,
            WRITER,
            ANY,
        ],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/v1/accesses/{id}",
        name: "readAccess",
        tag: "institutions",
        summary: "Read what became of an access",
        description: "The first answer as it was given, and `resolution`: how a question to the person ended. `delayed` says that \
            the institution asks more than phones ring for: the question waits on the person's page, and phones \
            ring for it later. An access of another institution looks like none at all. While a question is open, read every few minutes: the \
            evidence of a permit that follows an approval holds from the approval on for as long as any other (ten \
            minutes, or what the pack says).",
        parameters: &[Parameter {
            place: "path",
            name: "id",
            required: true,
            description: "The `id` in the answer.",
            pattern: BYTES_32,
            example: "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk",
        }],
        body: None,
        success: &[json(200, "The access.", "Reading")],
        problems: &[
            &[
                Kind::UNAUTHORISED,
                Kind::SUSPENDED,
                Kind::BAD_MEMBER,
                Kind::NOT_FOUND,
                Kind::TOO_MANY_REQUESTS,
            ],
            CLOSED,
            ANY,
        ],
        token: Some("signed"),
    },
    RouteDoc {
        method: "post",
        path: "/v1/evidence/verify",
        name: "verifyEvidence",
        tag: "institutions",
        summary: "Check a piece of evidence",
        description: "Reads only, and checks what can be checked without the holder's keys. A holder checks the rest \
            offline: `akashi-audit verify`.",
        parameters: &[],
        body: Some(Body {
            media_type: "text/plain",
            schema: "",
            claims: None,
        }),
        success: &[json(200, "It holds; see `expired`.", "Verified")],
        problems: &[
            &[
                Kind::BAD_REQUEST,
                Kind::EVIDENCE_INVALID,
                Kind::TOO_LARGE,
                Kind::MEDIA_TYPE,
                Kind::TOO_MANY_REQUESTS,
            ],
            ANY,
        ],
        token: None,
    },
    RouteDoc {
        method: "post",
        path: "/v1/releases",
        name: "reportRelease",
        tag: "institutions",
        summary: "Report a release before the data leaves",
        description: "The holder spends the evidence, which its requester presented: a copy of it opens nothing for anybody else. \
                      A release is refused and recorded on evidence that opens nothing any more, but where its \
                      holder has released on this very evidence and signed its report anew: it is told of that \
                      release. The \
                      problem's `found` says why: <<release-reasons>>.",
        parameters: &[],
        body: statement("ReleaseClaims"),
        success: &[json(200, "Recorded: the data may leave.", "Released")],
        problems: &[
            STATEMENT,
            RECORDED,
            &[Kind::NO_MATCH, Kind::NOT_RELEASABLE],
            CLOSED,
            WRITER,
            ANY,
        ],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/v1/links/{code}/gates",
        name: "readGates",
        tag: "institutions",
        summary: "Catch up over permits that were never shown",
        description: "For a holder, of its own link: entries of the log that carry gates above the highest number it has \
            seen, none more than 64 above the one before, at most 32, with their proofs under a head that extends the one of \
            size `from`. The holder recomputes each gate and checks each proof. A code of another institution looks like none \
            at all.",
        parameters: &[
            Parameter {
                place: "path",
                name: "code",
                required: true,
                description: "The holder's own code for the person.",
                pattern: "^lc_[A-Za-z0-9_-]{47}$",
                example: "lc_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM",
            },
            Parameter {
                place: "query",
                name: "above",
                required: true,
                description: "The highest number seen on the link, 0 before the first.",
                pattern: DECIMAL,
                example: "64",
            },
            Parameter {
                place: "query",
                name: "from",
                required: false,
                description: "The size of the last head the holder has seen; 0 or left out before the first.",
                pattern: DECIMAL,
                example: "0",
            },
        ],
        body: None,
        success: &[text("The gates.")],
        problems: &[
            &[
                Kind::UNAUTHORISED,
                Kind::SUSPENDED,
                Kind::BAD_MEMBER,
                Kind::NOT_FOUND,
                Kind::CONFLICT,
                Kind::TOO_MANY_REQUESTS,
            ],
            ANY,
        ],
        token: Some("signed"),
    },
    RouteDoc {
        method: "get",
        path: "/v1/proofs/{index}",
        name: "publishedProof",
        tag: "institutions",
        summary: "Fetch a proof under the published checkpoint",
        description: "A C2SP tlog-proof with the entry in `extra`. 404 until the published tree holds the entry, \
            which takes about a second.",
        parameters: &[Parameter {
            place: "path",
            name: "index",
            required: true,
            description: "The log index.",
            pattern: DECIMAL,
            example: "0",
        }],
        body: None,
        success: &[text("The proof.")],
        problems: &[&[Kind::NOT_FOUND, Kind::NOT_PUBLISHED], RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "post",
        path: "/v1/acts",
        name: "carryOutAct",
        tag: "registry",
        summary: "Certify, change, suspend, register keys, assign roles",
        description: "One compact JWS a line, each of another signer, all of the same act. Supervisors' keys are named \
            in entry 0 of the log. A sector or role must be a code of the policy pack in force; a role that ends must be held.",
        parameters: &[Parameter {
            place: "header",
            name: EVIDENCE_KEY,
            required: false,
            description: "Of `key.registered` with use `evidence`: the key, 32 bytes. It is never published.",
            pattern: BYTES_32,
            example: "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM",
        }],
        body: Some(Body {
            media_type: STATEMENT_BODY,
            schema: "Statements",
            claims: Some("ActClaims"),
        }),
        success: &[json(200, "Recorded and in force.", "CarriedOut")],
        problems: &[
            STATEMENT,
            RECORDED,
            &[
                Kind::NOT_AUTHORISED,
                Kind::CONFLICT,
                Kind::MISMATCH,
                Kind::UNKNOWN_CODE,
            ],
            CLOSED,
            WRITER,
            ANY,
        ],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/log",
        name: "logIndex",
        tag: "log",
        summary: "What the public log consists of",
        description: "A few lines of text for whoever follows the log's address by hand; `/log/` answers the same.",
        parameters: &[],
        body: None,
        success: &[text("The list.")],
        problems: &[RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/log/checkpoint",
        name: "checkpoint",
        tag: "log",
        summary: "The published checkpoint",
        description: "A signed note; moves about once a second.",
        parameters: &[],
        body: None,
        success: &[text("The checkpoint.")],
        problems: &[RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/log/vkey",
        name: "logKeys",
        tag: "log",
        summary: "The log's keys",
        description: "One vkey a line, oldest first.",
        parameters: &[],
        body: None,
        success: &[text("The keys.")],
        problems: &[RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/log/tile/{*path}",
        name: "tile",
        tag: "log",
        summary: "A tile of hashes or a bundle of entries",
        description: "`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`, slashes not encoded. Full tiles never change.",
        parameters: &[Parameter {
            place: "path",
            name: "path",
            required: true,
            description: "Level and number, as C2SP tlog-tiles spells them.",
            pattern: "^.+$",
            example: "0/000.p/1",
        }],
        body: None,
        success: &[bytes("The tile.")],
        problems: &[&[Kind::NOT_FOUND], RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/log/registry/{seq}",
        name: "registryRecord",
        tag: "log",
        summary: "The body of a registry record",
        description: "Institutions, their keys, policies: published in full. 1, 2, 3 ... without a gap.",
        parameters: &[Parameter {
            place: "path",
            name: "seq",
            required: true,
            description: "Its place in the registry.",
            pattern: DECIMAL,
            example: "1",
        }],
        body: None,
        success: &[bytes("The body.")],
        problems: &[&[Kind::NOT_FOUND], CLOSED, RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/v1/openapi.json",
        name: "openapi",
        tag: "documents",
        summary: "This document",
        description: "OpenAPI 3.1.",
        parameters: &[],
        body: None,
        success: &[json(200, "The document.", "")],
        problems: &[RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/docs",
        name: "docs",
        tag: "documents",
        summary: "This document as a page",
        description: "Made from the same document; no script, nothing from elsewhere.",
        parameters: &[],
        body: None,
        success: &[page("The page."), PAGE_RATED],
        problems: &[],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/problems/{code}",
        name: "problem",
        tag: "documents",
        summary: "What a problem means",
        description: "The page a problem's `type` leads to. An unknown code is 404.",
        parameters: &[Parameter {
            place: "path",
            name: "code",
            required: true,
            description: "The last segment of the `type`.",
            pattern: "^[a-z-]{1,64}$",
            example: "not-fresh",
        }],
        body: None,
        success: &[
            page("The page."),
            Success {
                status: 404,
                description: "There is no such problem.",
                media_type: "text/html",
                schema: "",
            },
            PAGE_RATED,
        ],
        problems: &[],
        token: None,
    },
    RouteDoc {
        method: "post",
        path: "/sms/inbound",
        name: "inboundSms",
        tag: "server",
        summary: "A reply by SMS",
        description: "From the SMS gateway, as JSON or as a form with the same members; a list in `results` is read, too. \
            Names other gateways give them (`Body`, `msisdn` ...) are read as well, members beside these are not looked at. \
            The token may be the password of `Basic`. The answer is the same whatever the reply meant and whoever sent it. \
            404 where replies are not taken.",
        parameters: &[],
        body: Some(Body {
            media_type: "application/json",
            schema: "Reply",
            claims: None,
        }),
        success: TAKEN,
        problems: &[OF_GATEWAY, ANY],
        token: Some("gateway"),
    },
    RouteDoc {
        method: "post",
        path: "/sms/reports",
        name: "smsReports",
        tag: "server",
        summary: "What became of an SMS",
        description: "From the SMS gateway, as JSON or as a form, one or a list in `results`. The message is named by the \
            `id` it was handed over with, or by what the gateway's answer called it (`MessageSid`, `messageId` ...); \
            `status` (`MessageStatus` ...) is a word as gateways write it: `delivered`, `undelivered`, `failed`, `expired`, \
            `rejected`, `DELIVRD` ... The first that says an end counts. The token may be the password of `Basic`. The \
            answer is the same whatever is said, and whether or not a message has that name. 404 where reports are not taken.",
        parameters: &[],
        body: Some(Body {
            media_type: "application/json",
            schema: "DeliveryReport",
            claims: None,
        }),
        success: TAKEN,
        problems: &[OF_GATEWAY, ANY],
        token: Some("gateway"),
    },
    RouteDoc {
        method: "get",
        path: "/v1/policy",
        name: "readPolicy",
        tag: "institutions",
        summary: "The policy pack in force, its text",
        description: "Every code a statement may use - roles, purposes, processes with their whitelist, categories, \
            sectors, reasons of emergencies - with its names, and the rules. `digest` is the `policy_digest` of every \
            decision made under it: SHA-256(\"akashi/pack/v1\" || u32 count || (u32 len(name) || name || u64 len(text) \
            || text)*), files in the order of their names.",
        parameters: &[],
        body: None,
        success: &[json(200, "The pack.", "Policy")],
        problems: &[RATED, ANY],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/healthz",
        name: "healthz",
        tag: "server",
        summary: "The process answers",
        description: "Always `ok`.",
        parameters: &[],
        body: None,
        success: &[text("It does.")],
        problems: &[RATED],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/readyz",
        name: "readyz",
        tag: "server",
        summary: "Whether every command is taken",
        description: "503 while the writer has stopped or no new keys can be made; reading goes on either way.",
        parameters: &[],
        body: None,
        success: &[
            json(200, "It is.", "Readiness"),
            json(503, "Writer or key maker have stopped.", "Readiness"),
        ],
        problems: &[RATED],
        token: None,
    },
    RouteDoc {
        method: "get",
        path: "/metrics",
        name: "metrics",
        tag: "server",
        summary: "Figures for Prometheus",
        description: "To requests from the server's own machine only, through no proxy and by a name of loopback (`localhost`, `127.0.0.1`, \
            `[::1]`); 404 to all others.",
        parameters: &[],
        body: None,
        success: &[text("The figures.")],
        problems: &[&[Kind::NOT_FOUND], RATED],
        token: None,
    },
];

"""What schemathesis cannot know by itself: how a statement is signed.

Half of the requests to routes that take a statement go out as they were made up; the other half carry a statement of the
demo's town, signed with the demo's keys, some of its claims changed at random. So the fuzzing also reaches what lies
behind the signature. Ed25519 is RFC 8032 as written there: slow, and enough.
"""

import base64
import hashlib
import json
import os
import random
import time

import schemathesis

DEMO = json.load(open(os.environ["AKASHI_DEMO"], encoding="utf-8"))
CHANCE = random.Random(20261121)


# --- Ed25519 (RFC 8032, section 6, shortened) ---

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return x if x % 2 == 0 else P - x


BASE = (recover_x(BASE_Y), BASE_Y, 1, recover_x(BASE_Y) * BASE_Y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def ed25519(seed, public, message):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    r = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % L
    commitment = compress(multiply(r, BASE))
    challenge = int.from_bytes(hashlib.sha512(commitment + public + message).digest(), "little") % L
    return commitment + ((r + challenge * scalar) % L).to_bytes(32, "little")


# --- Statements ---


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(who, typ, claims):
    jwk = who["jwk"]
    header = json.dumps({"alg": "Ed25519", "kid": who["kid"], "typ": typ}, separators=(",", ":"))
    message = f"{encode(header.encode())}.{encode(json.dumps(claims).encode())}"
    return f"{message}.{encode(ed25519(decode(jwk['d']), decode(jwk['x']), message.encode()))}"


def some_bytes(count):
    return encode(bytes(CHANCE.randrange(256) for _ in range(count)))


def common(who):
    return {"iss": who["id"], "aud": DEMO["origin"], "iat": int(time.time()), "jti": some_bytes(16)}


def institution(name=None):
    return CHANCE.choice([i for i in DEMO["institutions"] if name in (None, i["id"])])


def access():
    load, citizen = DEMO["load"], CHANCE.choice([c for c in DEMO["citizens"] if c["links"]])
    link = CHANCE.choice(citizen["links"])
    who = institution(link["institution"])
    claims = {name: load[name] for name in ("role_holder", "role", "process", "purpose", "holder", "categories")}
    claims |= {"subject": link["code"], "basis": {"kind": CHANCE.choice(["consent", "statute"])}}
    return who, "akashi-access+jws", claims | {"request_digest": some_bytes(32)}


def link():
    claims = {"qid": CHANCE.choice(DEMO["citizens"])["qid"], "code": f"{CHANCE.randrange(10**6):06}"}
    return institution(), "akashi-link+jws", claims | {"link_check": some_bytes(32)}


def release():
    who, requester, digest = institution(), institution(), some_bytes(32)
    shown = common(requester) | {"aud": who["id"], "ath": digest}
    presented = sign(requester, "akashi-present+jws", shown)
    claims = {"index": CHANCE.randrange(2000), "evidence_digest": digest, "presented": presented}
    return who, "akashi-release+jws", claims


def act():
    claims = {"act": "role.assigned", "role_holder": "fuzz-1", "role": "nurse", "valid_from": int(time.time())}
    return institution(), "akashi-act+jws", claims


STATEMENTS = {"/v1/accesses": access, "/v1/link-codes": link, "/v1/releases": release, "/v1/acts": act}
ODD = [None, True, -1, 0, 1.5, 2**53, 2**64, "", "x", "\u0000", "あ" * 300, "a" * 15000, [], ["a", "a"], {}, {"kind": "x"}]


def statement(path):
    who, typ, claims = STATEMENTS[path]()
    claims = common(who) | claims
    for _ in range(CHANCE.choice([0, 0, 1, 1, 2])):
        name = CHANCE.choice([*claims, "more"])
        if CHANCE.random() < 0.3:
            claims.pop(name, None)
        else:
            claims[name] = CHANCE.choice(ODD)
    return sign(who, typ, claims)


@schemathesis.serializer("application/jose")
def as_it_is(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(_context, case, _kwargs):
    path = case.operation.path
    if path in STATEMENTS and case.method.upper() == "POST" and CHANCE.random() < 0.5:
        case.body = statement(path)
    if path == "/v1/accesses/{id}" and CHANCE.random() < 0.5:
        who = institution()
        claims = common(who) | {"htm": "GET", "htu": case.formatted_path}
        case.headers = dict(case.headers or {}) | {
            "Authorization": "Bearer " + sign(who, "akashi-request+jws", claims)
        }

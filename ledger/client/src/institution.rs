//! What an institution asks, as requests that are ready to be sent.

use akashi_proof::digest::Secret;
use akashi_proof::evidence::evidence_digest;
use akashi_proof::fault::Fault;
use akashi_proof::gate::{SeenLog, link_check};
use akashi_proof::ids::{GateNumber, InstitutionId, Jti, LeafIndex, LinkCode, Qid, Timestamp};
use akashi_proof::jws::Jws;
use akashi_proof::record::kind::LinkEnd;
use akashi_proof::statement::header::{LINK_KEY, REQUEST_NONCE};
use akashi_proof::statement::{
    Act, ActClaims, Claims, Common, LinkClaims, LinkEndClaims, PresentClaims, Presentation,
    ReleaseClaims, RequestClaims, RequestNonce,
};
use akashi_tlog::base64;
use akashi_tlog::checkpoint::Origin;

use crate::access::{Access, Query};
use crate::answer::{Decision, Gates, Issued, Recorded};
use crate::draw::{NoRandomness, draw};
use crate::request::Request;
use crate::signatory::Signatory;

/// An institution, or a supervisor, that uses one ledger.
///
/// What it signs is read as the ledger will read it before it becomes a request: a [`Fault`] names
/// the field, and nothing was sent.
#[derive(Clone, Debug)]
pub struct Institution {
    signatory: Signatory,
    log: Origin,
}

/// When a statement is signed, and its identifier: what makes it one of its kind. A retry sends the
/// statement it has, never one with a new stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The institution's clock; the ledger takes statements for five minutes.
    pub now: Timestamp,
    /// The identifier, drawn for this statement.
    pub jti: Jti,
}

impl Stamp {
    /// A stamp with an identifier of the system's randomness.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(now: Timestamp) -> Result<Self, NoRandomness> {
        let jti = Jti::from_bytes(draw()?);
        Ok(Self { now, jti })
    }
}

impl Institution {
    /// An institution, or a supervisor, that uses the ledger of this log.
    pub const fn new(signatory: Signatory, log: Origin) -> Self {
        Self { signatory, log }
    }

    /// Its name.
    pub const fn id(&self) -> &InstitutionId {
        self.signatory.id()
    }

    /// Who signs.
    pub const fn signatory(&self) -> &Signatory {
        &self.signatory
    }

    /// The claims each of its statements begins with.
    pub fn common(&self, stamp: Stamp) -> Common {
        self.signatory.common(&self.log, stamp.now, stamp.jti)
    }

    /// Asks for its code of a person at its counter: her visible ID, the code she reads out, and a
    /// link key drawn for this link alone.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn link(
        &self,
        stamp: Stamp,
        qid: Qid,
        code: &str,
        link_key: &Secret,
    ) -> Result<Request<Issued>, Fault> {
        let claims = LinkClaims {
            common: self.common(stamp),
            qid,
            code: code.to_owned(),
            link_check: link_check(link_key),
        };
        let key = (LINK_KEY, base64::url::encode(link_key.expose()));
        self.say("/v1/link-codes", &claims, Some(key))
    }

    /// Ends its own code for a person.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn end_link(
        &self,
        stamp: Stamp,
        link_code: LinkCode,
        cause: LinkEnd,
    ) -> Result<Request<Recorded>, Fault> {
        let claims = LinkEndClaims {
            common: self.common(stamp),
            link_code,
            cause,
        };
        self.say("/v1/link-ends", &claims, None)
    }

    /// Asks before it queries. The holder learns the nonce, drawn for this query alone, from the
    /// evidence.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn access(
        &self,
        stamp: Stamp,
        asked: &Access<'_>,
        query: &Query<'_>,
        nonce: &RequestNonce,
    ) -> Result<Request<Decision>, Fault> {
        let claims = asked.claims(self.common(stamp), query.digest(nonce))?;
        let nonce = (REQUEST_NONCE, nonce.to_base64url());
        self.say("/v1/accesses", &claims, Some(nonce))
    }

    /// What it sends the holder beside its evidence and query, drawn for each try: that it is the
    /// one who may see the data. Signed with the key the permit names - this one, unless the access
    /// named another (`presenter`). Of the query it says nothing: the evidence is bound to it.
    pub fn present(&self, stamp: Stamp, holder: InstitutionId, evidence: &str) -> String {
        let claims = PresentClaims {
            common: self.signatory.common(&holder, stamp.now, stamp.jti),
            evidence_digest: evidence_digest(evidence),
        };
        let Ok(presented) = claims.sign(&self.signatory);
        presented
    }

    /// Reports, before the data leaves, that it releases on this evidence, which its requester
    /// presented so.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn release(
        &self,
        stamp: Stamp,
        index: LeafIndex,
        evidence: &str,
        presented: Presentation,
    ) -> Result<Request<Recorded>, Fault> {
        let claims = ReleaseClaims {
            common: self.common(stamp),
            index,
            evidence_digest: evidence_digest(evidence),
            presented,
        };
        self.say("/v1/releases", &claims, None)
    }

    /// An act of its own, with the evidence key it registers, if it registers one.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn act(
        &self,
        stamp: Stamp,
        act: Act,
        evidence_key: Option<&Secret>,
    ) -> Result<Request<Recorded>, Fault> {
        let now = stamp.now;
        let statement = self.act_statement(stamp, act)?;
        Ok(Request::act(&[statement], evidence_key, Some((self, now))))
    }

    /// Its statement of an act that others sign too, each with a stamp of its own:
    /// [`Request::act`] sends them together.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn act_statement(&self, stamp: Stamp, act: Act) -> Result<String, Fault> {
        let common = self.common(stamp);
        self.sign(&ActClaims { common, act })
    }

    /// Asks for gates of its own link in the log above the highest number it has seen, under a head
    /// that extends the last one it has seen
    /// ([`GateFolder::stands_at`](crate::GateFolder::stands_at)).
    ///
    /// # Errors
    /// [`Fault`].
    pub fn gates(
        &self,
        stamp: Stamp,
        link: &LinkCode,
        (above, seen): (Option<GateNumber>, &SeenLog),
    ) -> Result<Request<Gates>, Fault> {
        let above = above.map_or(0, GateNumber::value);
        let from = seen.head().size;
        let path = format!(
            "/v1/links/{}/gates?above={above}&from={from}",
            link.as_str()
        );
        self.read(stamp, &path)
    }

    /// Reads something with a token that is good once, for this path and query.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn read<A>(&self, stamp: Stamp, path: &str) -> Result<Request<A>, Fault> {
        Ok(Request::read(path, &self.token(stamp, "GET", path)?))
    }

    /// A request with a statement of its own, to be sent again at any later time: the answer it got
    /// is given to who shows a token of now.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn again<A>(&self, stamp: Stamp, request: &Request<A>) -> Result<Request<A>, Fault> {
        let message = request.message();
        let token = self.token(stamp, message.method(), message.path())?;
        Ok(request.showing(&token))
    }

    /// A token that is good once, for this method, path and query.
    pub(crate) fn token(&self, stamp: Stamp, method: &str, path: &str) -> Result<String, Fault> {
        self.sign(&RequestClaims {
            common: self.common(stamp),
            htm: method.to_owned(),
            htu: path.to_owned(),
        })
    }

    /// A request that says these claims; sent again, it shows that it is their signer who asks.
    fn say<C: Claims, A>(
        &self,
        path: &str,
        claims: &C,
        beside: Option<(&'static str, String)>,
    ) -> Result<Request<A>, Fault> {
        let signer = Some((self, claims.common().iat));
        Ok(Request::post(path, self.sign(claims)?, beside, signer))
    }

    /// The compact JWS that says these claims, read back as a ledger reads it.
    fn sign<C: Claims>(&self, claims: &C) -> Result<String, Fault> {
        let statement = self.signatory.write(claims);
        C::read(&Jws::parse(statement.as_bytes())?)?;
        Ok(statement)
    }
}

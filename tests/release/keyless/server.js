// A Sigstore instance on loopback: certificate authority, certificate log, signature log, and the
// token endpoint of a CI. It is @sigstore/mock, whose handlers expect other requests than clients
// in Python send, behind three adapters. It believes any token: it tests our client and our
// verifier, not how an identity is proved.
//
// Prints one line of JSON once it listens: {"config": <ClientTrustConfig>, "stranger": <a root
// certificate of another instance>}, and ends when its standard input does.
"use strict";

const crypto = require("crypto");
const http = require("http");
const { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } =
  require("@sigstore/mock");

const LONG_AGO = "2020-01-01T00:00:00Z";
const MINUTES_5 = 300;

function keyPair() {
  return crypto.generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

function logOf(pair, baseUrl) {
  const der = pair.publicKey.export({ format: "der", type: "spki" });
  return {
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: der.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start: LONG_AGO },
    },
    logId: { keyId: crypto.createHash("sha256").update(der).digest("base64") },
  };
}

function authorityOf(certificate, uri) {
  return {
    subject: { organization: "sigstore.mock", commonName: "sigstore" },
    uri,
    certChain: { certificates: [{ rawBytes: Buffer.from(certificate).toString("base64") }] },
    validFor: { start: LONG_AGO },
  };
}

function configOf(url, authority, ctLog, tLog) {
  const service = { url, majorApiVersion: 1, validFor: { start: LONG_AGO }, operator: "loopback" };
  return {
    mediaType: "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
    trustedRoot: {
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [tLog],
      certificateAuthorities: [authority],
      ctlogs: [ctLog],
      timestampAuthorities: [],
    },
    signingConfig: {
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      caUrls: [service],
      oidcUrls: [service],
      rekorTlogUrls: [service],
      rekorTlogConfig: { selector: "ANY" },
      tsaUrls: [],
      tsaConfig: { selector: "ANY" },
    },
  };
}

// The client sends the token as a header and the request for a certificate as PEM in base64.
function adaptedCertificateRequest(request, body) {
  const sent = JSON.parse(body);
  return JSON.stringify({
    credentials: { oidcIdentityToken: request.headers.authorization.replace(/^Bearer /, "") },
    certificateSigningRequest: Buffer.from(sent.certificateSigningRequest, "base64").toString(),
  });
}

// A log keeps the digests of what the client proposes to it.
function adaptedEntry(request, body) {
  const { kind, apiVersion, spec } = JSON.parse(body);
  const text = spec.proposedContent.envelope;
  const envelope = JSON.parse(text);
  const digest = (bytes) => ({
    algorithm: "sha256",
    value: crypto.createHash("sha256").update(bytes).digest("hex"),
  });
  return JSON.stringify({
    apiVersion,
    kind,
    spec: {
      envelopeHash: digest(text),
      payloadHash: digest(Buffer.from(envelope.payload, "base64")),
      signatures: envelope.signatures.map(({ sig }, index) => ({
        signature: sig,
        verifier: spec.proposedContent.verifiers[index],
      })),
    },
  });
}

// What a CI answers to a job that asks for its token: here, whatever claims the address asks for.
function tokenOf(request) {
  const asked = new URL(request.url, "http://localhost").searchParams;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...JSON.parse(Buffer.from(asked.get("claims"), "base64url").toString()),
    aud: asked.get("audience"),
    iat: now,
    exp: now + MINUTES_5,
  };
  const parts = [{ alg: "HS256", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"));
  return JSON.stringify({ value: `${parts.join(".")}.${asked.get("seal")}` });
}

function readWhole(request) {
  return new Promise((resolve, reject) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts).toString()));
    request.on("error", reject);
  });
}

async function main() {
  const [authorityKeys, ctKeys, tKeys, strangerKeys] = [1, 2, 3, 4].map(keyPair);
  const authority = await initializeCA(authorityKeys, await initializeCTLog(ctKeys));
  const stranger = await initializeCA(strangerKeys);
  const handlers = {};
  const server = http.createServer(async (request, response) => {
    try {
      if (request.method === "GET") {
        response.writeHead(200, { "Content-Type": "application/json" }).end(tokenOf(request));
        return;
      }
      const { adapt, answer } = handlers[request.url];
      const { statusCode, response: said, contentType } =
        await answer(adapt(request, await readWhole(request)));
      response.writeHead(statusCode, { "Content-Type": contentType || "text/plain" }).end(said);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const certificates = fulcioHandler(authority);
  const entries = rekorHandler(await initializeTLog(url, tKeys));
  handlers[certificates.path] = { adapt: adaptedCertificateRequest, answer: certificates.fn };
  handlers[entries.path] = { adapt: adaptedEntry, answer: entries.fn };
  const config = configOf(
    url, authorityOf(authority.rootCertificate, url), logOf(ctKeys, url), logOf(tKeys, url));
  const other = Buffer.from(stranger.rootCertificate).toString("base64");
  process.stdout.write(`${JSON.stringify({ config, stranger: other })}\n`);
  process.stdin.on("end", () => process.exit(0)).resume();
}

main();

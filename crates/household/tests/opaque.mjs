// The other end of tests/interop.rs: npm @serenity-kit/opaque, driven by one JSON request a line.
// The folder that holds node_modules is the first argument.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";
import { webcrypto as crypto } from "node:crypto";

const opaque = createRequire(join(process.argv[2], "package.json"))("@serenity-kit/opaque");
await opaque.ready;

// What a browser does with the export key: HKDF-SHA256 to the wrapping key, AES-256-GCM to the identity.
async function unwrapIdentity({ exportKey, wrapped }) {
  const bytes = (text) => Buffer.from(text, "base64url");
  const info = new TextEncoder().encode("porchlight identity v1");
  const input = await crypto.subtle.importKey("raw", bytes(exportKey), "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  const key = await crypto.subtle.deriveKey(hkdf, input, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const file = bytes(wrapped);
  const gcm = { name: "AES-GCM", iv: file.subarray(0, 12), additionalData: info };
  return { identity: Buffer.from(await crypto.subtle.decrypt(gcm, key, file.subarray(12))).toString() };
}

const calls = {
  unwrapIdentity,
  startRegistration: opaque.client.startRegistration,
  finishRegistration: opaque.client.finishRegistration,
  startLogin: opaque.client.startLogin,
  finishLogin: opaque.client.finishLogin,
  createSetup: () => ({ serverSetup: opaque.server.createSetup() }),
  createRegistrationResponse: opaque.server.createRegistrationResponse,
  serverStartLogin: opaque.server.startLogin,
  serverFinishLogin: opaque.server.finishLogin,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, params } = JSON.parse(line);
  console.log(JSON.stringify((await calls[call](params)) ?? null));
}

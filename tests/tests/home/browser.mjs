// What the app's sign-in does in a browser: OPAQUE, the second factor, and a session in a cookie.
// Arguments: the folder that holds node_modules, the hub's address, a name, the files of the passphrase and the authenticator's secret.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, hub, name, passphraseFile, secretFile] = process.argv.slice(2);
const opaque = createRequire(join(folder, "package.json"))("@serenity-kit/opaque");
await opaque.ready;

const post = (path, body) =>
  fetch(hub + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

// RFC 6238 with six digits; the step after the present one, which no earlier sign-in has used.
function nextCode(base32) {
  const bits = [...base32].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + 1));
  const mac = createHmac("sha1", secret).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const password = readFileSync(passphraseFile, "utf8").trim();
const { clientLoginState, startLoginRequest } = opaque.client.startLogin({ password });
const { attempt, response } = await (await post("/api/sign-in/start", { name, request: startLoginRequest })).json();
const { finishLoginRequest } = opaque.client.finishLogin({ clientLoginState, loginResponse: response, password });
const code = nextCode(readFileSync(secretFile, "utf8").trim());
const finish = { attempt, finalization: finishLoginRequest, code, client: "a browser", cookie: true };
const answer = await post("/api/sign-in/finish", finish);
console.log(JSON.stringify({ status: answer.status, cookie: answer.headers.get("set-cookie"), body: await answer.json() }));

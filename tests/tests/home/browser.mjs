// What the app's sign-in does in a browser: OPAQUE, the second factor, and a session in a cookie.
// Arguments: the folder that holds node_modules, the hub's address, a name, the files of the passphrase and the authenticator's secret.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { nextCode } from "./totp.mjs";

const [folder, hub, name, passphraseFile, secretFile] = process.argv.slice(2);
const opaque = createRequire(join(folder, "package.json"))("@serenity-kit/opaque");
await opaque.ready;

const post = (path, body) =>
  fetch(hub + path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const password = readFileSync(passphraseFile, "utf8").trim();
const { clientLoginState, startLoginRequest } = opaque.client.startLogin({ password });
const { attempt, response } = await (await post("/api/sign-in/start", { name, request: startLoginRequest })).json();
const { finishLoginRequest } = opaque.client.finishLogin({ clientLoginState, loginResponse: response, password });
const code = nextCode(readFileSync(secretFile, "utf8").trim());
const finish = { attempt, finalization: finishLoginRequest, code, client: "a browser", cookie: true };
const answer = await post("/api/sign-in/finish", finish);
console.log(JSON.stringify({ status: answer.status, cookie: answer.headers.get("set-cookie"), body: await answer.json() }));

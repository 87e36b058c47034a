// The other end of tests/interop.rs: npm @serenity-kit/opaque, driven by one JSON request a line.
// The folder that holds node_modules is the first argument.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";

const opaque = createRequire(join(process.argv[2], "package.json"))("@serenity-kit/opaque");
await opaque.ready;

const calls = {
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
  console.log(JSON.stringify(calls[call](params) ?? null));
}

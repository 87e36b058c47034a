// OPAQUE's package carries its WebAssembly as text within its script, which is a third larger and has to be read as a whole.
// Here it becomes a file beside the script, without the names of its functions, that a browser compiles while it arrives.

import type { Plugin } from 'vite';

const PACKAGE = '/@serenity-kit/opaque/esm/index.js';
const TEXT = /_loadWasmModule\(0, null, '([A-Za-z0-9+/=]+)'\)/;
const START = 'module_or_path: wasmData()';
/** A module begins with a magic number and a version. */
const HEAD = 8;
/** A section that means nothing to whoever runs it. */
const CUSTOM = 0;

export function opaque(): Plugin {
  return {
    name: 'porchlight-opaque',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith(PACKAGE)) return null;
      const text = TEXT.exec(code);
      if (!text?.[1] || !code.includes(START)) this.error('OPAQUE’s package is built otherwise than this step knows');
      const source = withoutNames(Buffer.from(text[1], 'base64'));
      const file = this.emitFile({ type: 'asset', name: 'opaque.wasm', source });
      const fetched = code.replace(START, `module_or_path: fetch(import.meta.ROLLUP_FILE_URL_${file})`);
      return { code: fetched.replace(TEXT, 'null'), map: null };
    },
  };
}

/** A WebAssembly module without its custom sections. */
function withoutNames(module: Buffer): Buffer {
  const kept = [module.subarray(0, HEAD)];
  let at = HEAD;
  while (at < module.length) {
    const [length, body] = leb128(module, at + 1);
    if (module[at] !== CUSTOM) kept.push(module.subarray(at, body + length));
    at = body + length;
  }
  return Buffer.concat(kept);
}

/** An unsigned number as WebAssembly writes it, and where it ends. */
function leb128(bytes: Buffer, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(at++);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

// Beside each file of the app, the same compressed, so that the hub does that work never. Every browser that can run the app takes Brotli
// over TLS, which is the only way there is to it from another machine.

import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const WORTH_IT = /\.(html|js|css|wasm)$/;
const HARD = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };

export function compressed(): Plugin {
  return {
    name: 'porchlight-compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        for (const [fileName, file] of Object.entries(bundle)) {
          if (!WORTH_IT.test(fileName)) continue;
          const source = brotliCompressSync(file.type === 'chunk' ? file.code : file.source, { params: HARD });
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source });
        }
      },
    },
  };
}

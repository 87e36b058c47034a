// Every catalogue of `src/words` has its languages side by side, where whoever changes a sentence sees them all. Whoever opens the app
// reads one: here each language becomes files of its own, which are fetched when it is spoken.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import type { Plugin } from 'vite';

const FOLDER = join(import.meta.dirname, '../src/words');
const ASKED = 'virtual:words';
const LANGUAGES = ['en', 'de'];
/** What is said before anybody is signed in; the rest comes with the first page. */
const DOOR = ['shell', 'sign-in', 'keys', 'updated', 'told', 'changes'];

export function languages(): Plugin {
  let building = false;
  return {
    name: 'porchlight-languages',
    enforce: 'pre',
    configResolved: ({ command }) => void (building = command === 'build'),
    resolveId: (id) => (id.startsWith(ASKED) ? `\0${id}` : null),
    load(id) {
      if (!id.startsWith(`\0${ASKED}`)) return id.includes('?words=') ? oneLanguage(id) : null;
      const [, place, language] = id.split('/');
      if (!place || !language) return building ? index() : 'export default {}';
      const files = filesOf(place).map((file, number) => ({ file, name: `words${number}` }));
      const imports = files.map(({ file, name }) => `import ${name} from ${JSON.stringify(`${join(FOLDER, file)}?words=${language}`)};`);
      return `${imports.join('\n')}\nexport default { ${files.map(({ name }) => `...${name}`).join(', ')} };`;
    },
    transform(code, id) {
      if (!building || !id.startsWith(FOLDER) || id.includes('?')) return null;
      const found = catalogues(id, code);
      return found.length ? { code: replaced(code, found, ({ name }) => JSON.stringify(name)), map: null } : null;
    },
  };
}

/** How the words of each place are fetched, by language. */
function index(): string {
  const of = (place: string) => LANGUAGES.map((language) => `${language}: () => import('${ASKED}/${place}/${language}')`).join(', ');
  return `export default { door: { ${of('door')} }, inside: { ${of('inside')} } };`;
}

function filesOf(place: string): string[] {
  const all = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && catalogues(file, readFileSync(join(FOLDER, file), 'utf8')).length > 0);
  return all.filter((file) => DOOR.includes(basename(file, '.ts')) === (place === 'door'));
}

/** A file's catalogues in one language, by their names. */
function oneLanguage(id: string): string {
  const [file = '', language = ''] = id.split('?words=');
  const code = readFileSync(file, 'utf8');
  const found = catalogues(file, code);
  const words = found.map(({ name, languages }) => `${JSON.stringify(name)}: ${languages.get(language) ?? '{}'}`);
  return `${replaced(code, found, ({ name }) => JSON.stringify(name))}\nexport default { ${words.join(',\n')} };`;
}

interface Catalogue {
  /** Which it is, for whoever fetches it: `people.0`. */
  name: string;
  /** Where its languages are written, in the file. */
  start: number;
  end: number;
  languages: Map<string, string>;
}

function catalogues(file: string, code: string): Catalogue[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const found: Catalogue[] = [];
  const look = (node: ts.Node): void => {
    const [words] = ts.isCallExpression(node) && node.expression.getText() === 'catalogue' ? node.arguments : [];
    if (!words || !ts.isObjectLiteralExpression(words)) return ts.forEachChild(node, look);
    const languages = new Map(words.properties.flatMap((property) => (ts.isPropertyAssignment(property) ? [[property.name.getText(), property.initializer.getText()] as const] : [])));
    found.push({ name: `${basename(file, '.ts')}.${found.length}`, start: words.getStart(), end: words.getEnd(), languages });
  };
  look(source);
  return found;
}

function replaced(code: string, found: Catalogue[], by: (catalogue: Catalogue) => string): string {
  return [...found].reverse().reduce((text, catalogue) => text.slice(0, catalogue.start) + by(catalogue) + text.slice(catalogue.end), code);
}

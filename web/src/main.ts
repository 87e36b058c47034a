import { mount } from 'svelte';
import './app.css';
import './more.css';
import App from './App.svelte';
import { keepShell } from './hub/shell.svelte';
import { followTextSize } from './parts/text-size';
import { follow } from './parts/theme';
import { fetchWords } from './words/fetched';
import { language } from './words/index.svelte';

follow();
followTextSize();
// No `await` at the top: the words are scripts that use this one, and would wait for it.
void fetchWords(language.now, 'door').then(() => {
  mount(App, { target: document.body });
  keepShell();
});

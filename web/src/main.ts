import { mount } from 'svelte';
import './app.css';
import './more.css';
import App from './App.svelte';
import { keepShell } from './hub/shell.svelte';
import { follow } from './parts/theme';
import { language } from './words/index.svelte';
import { fetchPhrases } from './words/phrases';

follow();
await fetchPhrases(language.now);
mount(App, { target: document.body });
keepShell();

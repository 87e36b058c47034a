import { mount } from 'svelte';
import './app.css';
import './more.css';
import App from './App.svelte';
import { follow } from './parts/theme';

follow();
mount(App, { target: document.body });

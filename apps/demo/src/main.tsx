// First of all: takes the secret of a mailed link out of the address bar.
import './mailed-link.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/inbox.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(<App />);

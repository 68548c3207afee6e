import { VERSION } from '../../text/version.ts';
import { loadAll } from '../commands.ts';
import { manPageOf } from './man-page.ts';

// The build runs this and keeps what it prints as dist/cli/ekspress.1.
process.stdout.write(manPageOf(await loadAll(), VERSION));

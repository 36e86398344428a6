import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <Page title="No such page">
      <p>
        This address leads nowhere. <Link to="/">Go to the front door</Link>
      </p>
    </Page>
  );
}

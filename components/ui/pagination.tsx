import { ButtonLink } from './button';

type Props = { summary: string; previousHref?: string | undefined; nextHref?: string | undefined };

export const Pagination = ({ summary, previousHref, nextHref }: Props) => (
  <nav className="pagination" aria-label="Pages">
    {/* Announced when the view changes: the new count. */}
    <p role="status">{summary}</p>
    <div className="actions">
      {previousHref && (
        <ButtonLink href={previousHref} rel="prev">
          Previous
        </ButtonLink>
      )}
      {nextHref && (
        <ButtonLink href={nextHref} rel="next">
          Next
        </ButtonLink>
      )}
    </div>
  </nav>
);

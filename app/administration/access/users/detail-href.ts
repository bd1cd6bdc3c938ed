import { USERS_PATH } from './view';

/** The page of a person; with `done`, the audit entry of what was just done, which the page then tells. */
export const detailHref = (userId: string, done?: string | null): string =>
  `${USERS_PATH}/${userId}${done ? `?done=${done}` : ''}`;

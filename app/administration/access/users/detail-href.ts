import { USERS_PATH } from './view';

/** The path of a person's page. `done` is the id of an audit entry: the page then shows what was just done. */
export const detailHref = (userId: string, done?: string | null): string =>
  `${USERS_PATH}/${userId}${done ? `?done=${done}` : ''}`;

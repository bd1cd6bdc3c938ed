import { USERS_PATH } from '../view';

export const JOBS_PATH = `${USERS_PATH}/jobs`;
export const jobHref = (jobId: string): string => `${JOBS_PATH}/${jobId}`;

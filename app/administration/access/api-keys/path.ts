export const KEYS_PATH = '/administration/access/api-keys';

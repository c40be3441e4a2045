export * from './client';
export * from './error';
export * from './types';
export * from './invitations';
export * from './plans';
export * from './readiness';

export * from './client';
export * from './error';
export * from './types';
export * from './plans';
export * from './readiness';

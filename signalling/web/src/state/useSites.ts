import type { Site } from '../protocol';
import type { Model } from './model';
import { useModel } from './useModel';

const select = (model: Model): readonly Site[] => model.sites;

/** The directory, live. */
export function useSites(): readonly Site[] {
  return useModel(select);
}

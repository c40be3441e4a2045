import type { Layout } from '../protocol';
import type { Model } from './model';
import { useModel } from './useModel';

const select = (model: Model): readonly Layout[] => model.layouts;

/** The layouts the server offers. */
export function useLayouts(): readonly Layout[] {
  return useModel(select);
}

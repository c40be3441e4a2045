import type { Layout, Preset } from '../protocol';
import type { Model } from './model';
import { useModel } from './useModel';

const selectLayouts = (model: Model): readonly Layout[] => model.layouts;
const selectPresets = (model: Model): readonly Preset[] => model.presets;

/** The layouts the server offers. */
export function useLayouts(): readonly Layout[] {
  return useModel(selectLayouts);
}

/** The sets of views the server offers. */
export function usePresets(): readonly Preset[] {
  return useModel(selectPresets);
}

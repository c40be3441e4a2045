import type { Layout } from '../protocol';
import { language } from '../i18n';
import { LayoutDrawing } from './LayoutDrawing';
import classes from './LayoutPicker.module.css';

export interface LayoutPickerProps {
  label: string;
  layouts: readonly Layout[];
  value: string | null;
  disabled?: boolean;
  onChange: (name: string) => void;
}

/** Layouts to choose from, each a small drawing of its cells. */
export function LayoutPicker({ label, layouts, value, disabled, onChange }: LayoutPickerProps) {
  return (
    <div role="group" aria-label={label} className={classes.row}>
      {layouts.map((layout) => (
        <button
          key={layout.name}
          type="button"
          className={classes.choice}
          aria-pressed={layout.name === value}
          aria-label={`${layout.name}: ${layout.title[language()]}`}
          title={layout.title[language()]}
          disabled={disabled}
          data-testid={`layout-${layout.name}`}
          onClick={() => onChange(layout.name)}
        >
          <LayoutDrawing cells={layout.cells} />
          <span className={classes.name}>{layout.name}</span>
        </button>
      ))}
    </div>
  );
}

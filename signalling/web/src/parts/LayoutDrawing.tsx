import type { LayoutCell } from '../protocol';
import classes from './LayoutPicker.module.css';

const WIDTH = 64;
const HEIGHT = 36;
const GAP = 1;

/** The cells of a layout, to scale; the cells that follow the chair or the floor are filled. */
export function LayoutDrawing({ cells }: { cells: readonly LayoutCell[] }) {
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes.drawing} aria-hidden="true">
      {cells.map((cell, index) => (
        <rect
          key={index}
          x={cell.x * WIDTH + GAP}
          y={cell.y * HEIGHT + GAP}
          width={Math.max(1, cell.w * WIDTH - 2 * GAP)}
          height={Math.max(1, cell.h * HEIGHT - 2 * GAP)}
          rx="1.5"
          className={cell.role === 'floor' || cell.role === 'chair' ? classes.big : classes.cell}
        />
      ))}
    </svg>
  );
}

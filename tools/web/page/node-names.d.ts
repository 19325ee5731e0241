/** What the simulator's clock uses of Node: only its types reach this page. */
declare function setImmediate(run: () => void): unknown;

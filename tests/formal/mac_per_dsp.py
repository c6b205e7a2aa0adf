# SPDX-License-Identifier: Apache-2.0
"""A small array with explicit DSP48E2 cells takes exactly one DSP48E2 per cell, with all registers of the cell inside, and no other
multiplier, counted by Yosys.

Prints multiply-accumulates per DSP and cycle of every mode: products of one packed multiplication (of its proof in hw/formal), times
cells, over counted DSPs. That a cell takes a step every cycle, with so many products, is measured by rtl_gemm_array_cells_test.
Exit: 0 as it must be, 1 not.
"""
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts"))
import resources  # noqa: E402

ROWS, COLS = 8, 2
WANTED = {"pack w4a8": 2, "pack w4a4": 4, "pack w8, signed codes": 2, "pack w8, unsigned codes": 2}


def main():
    with tempfile.TemporaryDirectory() as folder:
        cells, top = resources.synthesise("squat_mac_array", resources.EXPLICIT, 240, folder, {"Rows": ROWS, "Cols": COLS})
    array = resources.total(cells, top)
    leaf = resources.total(cells, next(name for name in cells if resources.plain(name) == "squat_dsp"))
    print("%d x %d cells: %d DSP48E2; one cell: %s" % (ROWS, COLS, array["DSP"], dict(leaf)))
    bad = array["DSP"] != ROWS * COLS or leaf["DSP"] != 1 or leaf["FF"] != 0
    proofs = json.loads((ROOT / "hw/formal/proofs.json").read_text(encoding="utf-8"))
    products = {proof["name"]: proof["products"] for proof in proofs if "products" in proof}
    for name, wanted in WANTED.items():
        rate = products[name] * ROWS * COLS / array["DSP"]
        print("%s: %g MAC per DSP and cycle, wanted %d" % (name, rate, wanted))
        bad |= rate != wanted
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

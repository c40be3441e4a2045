"""The cells of the first sheet of an .xlsx as JSON: {"rows": [[text, …], …], "formulas": count}.

Reads the zip and its XML itself, so that it depends on nothing that wrote the file."""
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

NAMES = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def column(reference):
    number = 0
    for letter in re.match(r"[A-Z]+", reference).group():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def main(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    strings = ["".join(part.text or "" for part in item.iter("{%s}t" % NAMES["m"]))
               for item in shared.findall("m:si", NAMES)]
    rows = []
    for row in sheet.findall(".//m:row", NAMES):
        cells = []
        for cell in row.findall("m:c", NAMES):
            value = cell.findtext("m:v", "", NAMES)
            cells += [""] * (column(cell.get("r")) - len(cells))
            cells.append(strings[int(value)] if cell.get("t") == "s" else value)
        rows.append(cells)
    formulas = len(sheet.findall(".//m:f", NAMES))
    links = len(sheet.findall(".//m:hyperlink", NAMES))
    json.dump({"rows": rows, "formulas": formulas, "links": links}, sys.stdout)


main(sys.argv[1])

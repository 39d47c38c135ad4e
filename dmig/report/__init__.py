"""The report that staff sign: one page of HTML, one workbook and the result itself, all from the one result object."""

from dmig.report.build import Report, build_report
from dmig.report.write import write_for_run, write_reports

__all__ = ["Report", "build_report", "write_for_run", "write_reports"]

"""Workbooks for staff: the only door by which declarations are touched in Excel. Only this package and the report
use the spreadsheet library.
"""

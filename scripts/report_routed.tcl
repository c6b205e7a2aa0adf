# SPDX-License-Identifier: Apache-2.0
# Run by Vivado after routing (v++ --vivado.prop run.impl_1.STEPS.ROUTE_DESIGN.TCL.POST=...): resources of the kernel and of everything, and the
# worst slack, for the manifest. The folder comes from the environment, SQUAT_REPORTS. Not run with a vendor tool: tests run it
# against a recording stub.
if {![info exists ::env(SQUAT_REPORTS)]} {error "report_routed.tcl: SQUAT_REPORTS is not set: the folder for the reports"}
set folder $::env(SQUAT_REPORTS)
file mkdir $folder
set cells [get_cells -hierarchical -filter {NAME =~ */squat_kernel_1}]
if {[llength $cells] != 1} {error "report_routed.tcl: expected one cell */squat_kernel_1, found [llength $cells]"}
report_utilization -cells $cells -file [file join $folder kernel_utilization.rpt]
report_utilization -file [file join $folder utilization.rpt]
report_timing_summary -file [file join $folder timing.rpt]
set path [get_timing_paths -max_paths 1 -nworst 1 -setup]
set file [open [file join $folder slack.txt] w]
puts $file [get_property SLACK $path]
close $file

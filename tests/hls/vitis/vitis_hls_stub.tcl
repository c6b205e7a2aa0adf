# SPDX-License-Identifier: Apache-2.0
# Stands in for vitis_hls: runs a script from start to end, records its commands (environment: STUB_LOG), and refuses what the tool
# would: unknown commands and options, files that are not there, steps in the wrong order, a top function no source defines.
#   tclsh vitis_hls_stub.tcl -f SCRIPT -tclargs ...
# Exit 1 with a message on the first refusal.

source [file join [file dirname [info script]] .. .. support tool_stub.tcl]

set stub_sources {}

stub_command open_project {-reset 0} 1 {} open_project {}
stub_command set_top {} 1 open_project set_top {set ::stub_top [lindex $rest 0]}
stub_command add_files {-tb 0 -cflags 1 -csimflags 1} 1 open_project {} {
  set file [lindex $rest 0]
  if {![file isfile $file]} {stub_refuse "add_files: $file: no such file"}
  foreach flag $value(-cflags) {
    if {[regexp {^-I(.*)} $flag -> folder] && ![file isdirectory $folder]} {stub_refuse "add_files: $folder: no such folder"}
  }
  if {[info exists value(-tb)]} {lappend ::stub_done bench} else {lappend ::stub_sources $file}
}
stub_command open_solution {-reset 0 -flow_target 1} 1 {open_project set_top} open_solution {}
stub_command set_part {} 1 open_solution set_part {}
stub_command create_clock {-period 1 -name 1} 0 open_solution create_clock {
  if {$value(-period) <= 0} {stub_refuse "create_clock: period $value(-period)"}
}
stub_command csim_design {-clean 0 -O 0 -argv 1} 0 {set_part bench} csim_design {}
stub_command csynth_design {} 0 {set_part create_clock} csynth_design {
  foreach file $::stub_sources {
    set in [open $file]
    append text [read $in]
    close $in
  }
  if {![regexp "extern \"C\" void ${::stub_top}\\(" $text]} {stub_refuse "csynth_design: no source defines $::stub_top"}
}
stub_command cosim_design {-trace_level 1 -O 0} 0 {csynth_design bench} {} {}
stub_command export_design {-format 1 -output 1} 0 csynth_design {} {
  if {$value(-format) ne "xo"} {stub_refuse "export_design: format $value(-format)"}
  close [open $value(-output) w]
}

set at [lsearch $argv -f]
if {$at < 0} {puts stderr "vitis_hls_stub: -f SCRIPT is missing"; stub_exit 2}
set script [lindex $argv [expr {$at + 1}]]
stub_run $script
stub_record {end of script without exit}
stub_exit 1

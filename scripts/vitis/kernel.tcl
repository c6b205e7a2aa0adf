# SPDX-License-Identifier: Apache-2.0
# One kernel through Vitis HLS: C simulation, synthesis, co-simulation, export to <kernel>.xo. Not run with a vendor tool: tests run it
# against a recording stub.
#
#   vitis_hls -f scripts/vitis/kernel.tcl -tclargs kernel=mkmp_gemm [part=..] [clock_mhz=300] [steps=csim,csynth,cosim,export] [out=build/vitis]
#
# From 2024.2 on: vitis-run --mode hls --tcl scripts/vitis/kernel.tcl, with the arguments in the environment (SQUAT_HLS_KERNEL=..).
# Default part: the KV260's.

set root [file normalize [file join [file dirname [info script]] .. ..]]
source [file join $root scripts vitis kernels.tcl]

array set option {kernel "" part xck26-sfvc784-2LV-c clock_mhz 300 steps csim,csynth,cosim,export out build/vitis}
foreach name [array names option] {
  set variable SQUAT_HLS_[string toupper $name]
  if {[info exists ::env($variable)]} {set option($name) $::env($variable)}
}
foreach argument $::argv {
  if {[regexp {^(\w+)=(.*)$} $argument -> name value]} {
    if {![info exists option($name)]} {error "kernel.tcl: unknown argument $name; known: [lsort [array names option]]"}
    set option($name) $value
  }
}

set kernel $option(kernel)
if {![info exists squat_sources($kernel)]} {
  error "kernel.tcl: kernel=$kernel, expected one of: [lsort [array names squat_sources]]"
}
if {![regexp {^xc[a-z0-9]+-[a-z]+[0-9]+-[0-9A-Za-z-]+$} $option(part)]} {
  error "kernel.tcl: part=$option(part) is no part name such as xck26-sfvc784-2LV-c"
}
if {![string is double -strict $option(clock_mhz)] || $option(clock_mhz) < 10 || $option(clock_mhz) > 1000} {
  error "kernel.tcl: clock_mhz=$option(clock_mhz), expected 10 to 1000"
}
set known {csim csynth cosim export}
set steps [split $option(steps) ,]
foreach step $steps {
  if {$step ni $known} {error "kernel.tcl: steps=$option(steps): $step is none of: $known"}
}
foreach step {cosim export} {
  if {$step in $steps && "csynth" ni $steps} {error "kernel.tcl: step $step needs csynth"}
}

set out [file normalize $option(out)]
file mkdir $out
cd $out
set flags "-std=c++14 -I$root -DSQUAT_VENDOR_HEADERS -Wno-unknown-pragmas -Wno-unused-label"
set folder [file join $root hls kernels]

open_project -reset $kernel
set_top $kernel
foreach name $squat_sources($kernel) {add_files [file join $folder $name] -cflags $flags}
foreach name $squat_benches($kernel) {add_files -tb [file join $folder $name] -cflags $flags}
open_solution -reset solution -flow_target vitis
set_part $option(part)
create_clock -period [format %.3f [expr {1000.0 / $option(clock_mhz)}]] -name default

if {"csim" in $steps} {csim_design -clean}
if {"csynth" in $steps} {csynth_design}
if {"cosim" in $steps} {cosim_design}
if {"export" in $steps} {export_design -format xo -output [file join $out $kernel.xo]}
exit

# SPDX-License-Identifier: Apache-2.0
# Stands in for vivado: runs a Tcl script from start to end, records its commands (environment: STUB_LOG), and refuses what the tool
# would: unknown commands, options and properties, files that are not there, objects that do not exist, ports the top module does not
# have, steps in the wrong order. package_xo writes a kernel.xml from the registers that were really added.
#   tclsh vivado_stub.tcl -mode batch [-nojournal] [-log FILE] -source SCRIPT [-tclargs ...]      tclsh vivado_stub.tcl -version
# Exit 1 with a message on the first refusal. STUB_SWAP=1: package_xo numbers the arguments the other way round.

source [file join [file dirname [info script]] .. support tool_stub.tcl]

# Objects: kind -> list of names; properties: "object,name".
set stub_files {}
set stub_ports {}
set stub_registers {}
array set stub_property {}

proc stub_interface {name} {
  foreach port $::stub_ports {
    if {$port eq $name || [string match "${name}_*" $port]} {return "interface:$name"}
  }
  stub_refuse "no interface $name: the top module has no such ports"
}

namespace eval ipx {}
stub_command create_project {-force 0 -part 1} 2 {} create_project {
  if {![info exists value(-part)]} {stub_refuse "create_project: no part"}
}
stub_command add_files {-norecurse 0 -fileset 1} 1 create_project {} {
  foreach file [lindex $rest 0] {
    if {![file isfile $file]} {stub_refuse "add_files: $file: no such file"}
    lappend ::stub_files $file
  }
}
stub_command current_fileset {} 0 create_project {} {return fileset:sources_1}
# Properties that may be set, by kind of object.
array set stub_settable {
  fileset {top}
  core {name version display_name description sdx_kernel sdx_kernel_type vitis_drc supported_families auto_family_support_level core_revision}
  interface {slave_memory_map_ref}
  parameter {value value_resolve_type}
  register {description address_offset size}
}
stub_command set_property {} 3 create_project {} {
  lassign $rest name text object
  set kind [lindex [split $object :] 0]
  if {![info exists ::stub_settable($kind)]} {stub_refuse "set_property: $object is no object"}
  if {$name ni $::stub_settable($kind)} {stub_refuse "set_property: $object has no property $name"}
  if {$kind eq "fileset"} {
    set ::stub_ports {}
    foreach file $::stub_files {
      set in [open $file]
      set source [read $in]
      close $in
      if {[regexp "\\nmodule $text\\M" $source]} {
        set ::stub_ports [lmap {all port} [regexp -all -inline {\n\s*(?:input|output)\s+logic[^\n]*?\s(\w+),?(?=\n)} $source] {set port}]
        if {[regexp {squat_spec_pkg::Cfg} $source]} {stub_refuse "the packager cannot compute the defaults of $text in $file"}
      }
      if {[regexp {ram_style = "ultra"} $source] && [string match xczu* $::env(STUB_PART)]} {stub_refuse "$file asks for UltraRAM"}
    }
    if {$::stub_ports eq ""} {stub_refuse "set_property top: no source defines $text"}
  }
  if {$name eq "slave_memory_map_ref" && "map:$text" ni $::stub_done} {stub_refuse "no memory map $text"}
  if {$name eq "value" && [string match "*ASSOCIATED_BUSIF" $object]} {stub_interface $text}
  set ::stub_property($object,$name) $text
}
stub_command update_compile_order {-fileset 1} 0 create_project {} {}
stub_command ipx::package_project {-root_dir 1 -vendor 1 -library 1 -taxonomy 1 -import_files 0 -set_current 1} 0 create_project package {
  if {$::stub_ports eq ""} {stub_refuse "ipx::package_project: no top module"}
  file mkdir $value(-root_dir)
  set ::stub_ip $value(-root_dir)
}
stub_command ipx::current_core {} 0 package {} {return core:squat}
stub_command ipx::infer_bus_interface {} 3 package {} {
  lassign $rest port type core
  if {$port ni $::stub_ports} {stub_refuse "ipx::infer_bus_interface: no port $port"}
  if {![regexp {^xilinx\.com:signal:(clock|reset)_rtl:1\.0$} $type]} {stub_refuse "ipx::infer_bus_interface: no type $type"}
}
stub_command ipx::associate_bus_interfaces {-busif 1 -clock 1 -reset 1} 1 package {} {
  if {$value(-clock) ni $::stub_ports} {stub_refuse "ipx::associate_bus_interfaces: no clock $value(-clock)"}
  if {[info exists value(-reset)] && $value(-reset) ni $::stub_ports} {stub_refuse "ipx::associate_bus_interfaces: no reset $value(-reset)"}
  if {[info exists value(-busif)]} {
    stub_interface $value(-busif)
    lappend ::stub_done clocked:$value(-busif)
  }
}
stub_command ipx::get_bus_interfaces {-of_objects 1} 1 package {} {return [stub_interface [lindex $rest 0]]}
stub_command ipx::add_bus_parameter {} 2 package {} {return parameter:[lindex $rest 1]:[lindex $rest 0]}
stub_command ipx::add_memory_map {} 2 package {} {
  lappend ::stub_done map:[lindex $rest 0]
  return map:[lindex $rest 0]
}
stub_command ipx::add_address_block {} 2 package {} {return block:[lindex $rest 0]}
stub_command ipx::add_register {} 2 package {} {
  set name [lindex $rest 0]
  if {$name in $::stub_registers} {stub_refuse "ipx::add_register: $name twice"}
  lappend ::stub_registers $name
  return register:$name
}
stub_command ipx::add_register_parameter {} 2 package {} {
  if {[lindex $rest 0] ne "ASSOCIATED_BUSIF"} {stub_refuse "ipx::add_register_parameter: $rest"}
  return parameter:[lindex $rest 1]:ASSOCIATED_BUSIF
}
stub_command ipx::create_xgui_files {} 1 package {} {}
stub_command ipx::update_checksums {} 1 package {} {}
stub_command ipx::check_integrity {-kernel 0} 1 package check {
  foreach name {sdx_kernel sdx_kernel_type} {
    if {![info exists ::stub_property(core:squat,$name)]} {stub_refuse "ipx::check_integrity: $name is not set"}
  }
  # Every AXI interface needs a clock, every register a place of its own.
  foreach port $::stub_ports {
    if {[regexp {^((?:m|s)_axi_\w+?)_araddr$} $port -> name] && "clocked:$name" ni $::stub_done} {stub_refuse "ipx::check_integrity: $name has no clock"}
  }
  foreach name $::stub_registers {
    set first [expr {$::stub_property(register:$name,address_offset)}]
    for {set at $first} {$at < $first + $::stub_property(register:$name,size) / 8} {incr at 4} {
      if {[info exists taken($at)]} {stub_refuse "ipx::check_integrity: $name and $taken($at) at $at"}
      set taken($at) $name
    }
  }
  if {![info exists ::stub_property(interface:s_axi_control,slave_memory_map_ref)]} {stub_refuse "ipx::check_integrity: s_axi_control has no map"}
}
stub_command ipx::save_core {} 1 check save {close [open [file join $::stub_ip component.xml] w]}
stub_command close_project {-delete 0} 0 create_project {} {}
stub_command package_xo {-force 0 -kernel_name 1 -ctrl_protocol 1 -ip_directory 1 -xo_path 1 -output_kernel_xml 1} 0 save {} {
  if {![file isfile [file join $value(-ip_directory) component.xml]]} {stub_refuse "package_xo: no IP in $value(-ip_directory)"}
  if {$value(-ctrl_protocol) ne "ap_ctrl_hs"} {stub_refuse "package_xo: $value(-ctrl_protocol)"}
  if {$value(-kernel_name) ne $::stub_property(core:squat,name)} {stub_refuse "package_xo: kernel $value(-kernel_name) is not the IP's name"}
  set out [open $value(-output_kernel_xml) w]
  puts $out "<root><kernel name=\"$value(-kernel_name)\"><args>"
  set arguments [lmap name $::stub_registers {expr {$name in {CTRL GIER IP_IER IP_ISR} ? [continue] : $name}}]
  set id [expr {[info exists ::env(STUB_SWAP)] ? [llength $arguments] - 1 : 0}]
  foreach name $arguments {
    set size [expr {$::stub_property(register:$name,size) / 8}]
    set parameter parameter:register:$name:ASSOCIATED_BUSIF,value
    set port [expr {[info exists ::stub_property($parameter)] ? $::stub_property($parameter) : "s_axi_control"}]
    puts $out "<arg name=\"$name\" addressQualifier=\"[expr {$port ne "s_axi_control"}]\" id=\"$id\" port=\"$port\" size=\"[format 0x%X $size]\" offset=\"[format 0x%03X [expr {$::stub_property(register:$name,address_offset)}]]\" hostOffset=\"0x0\"/>"
    incr id [expr {[info exists ::env(STUB_SWAP)] ? -1 : 1}]
  }
  puts $out "</args></kernel></root>"
  close $out
  close [open $value(-xo_path) w]
}

# ---- the hook after routing
stub_command get_cells {-hierarchical 0 -filter 1} 0 {} {} {
  if {![regexp {^NAME =~ \*/(\w+)$} $value(-filter) -> name]} {stub_refuse "get_cells: $value(-filter)"}
  return [expr {$name eq $::env(STUB_CELL) ? "cell:level0_i/$name" : ""}]
}
proc stub_write {path text} {
  set out [open $path w]
  puts $out $text
  close $out
}
stub_command report_utilization {-cells 1 -file 1} 0 {} {} {
  stub_write $value(-file) "| Site Type | Used | Fixed | Prohibited | Available | Util% |\n| CLB LUTs | 101234 | 0 | 0 | 117120 | 86.44 |\n| CLB Registers | 70001 | 0 | 0 | 234240 | 29.88 |\n| Block RAM Tile | 119.5 | 0 | 0 | 144 | 82.99 |\n| URAM | 61 | 0 | 0 | 64 | 95.31 |\n| DSPs | 745 | 0 | 0 | 1248 | 59.70 |"
}
stub_command report_timing_summary {-file 1} 0 {} {} {stub_write $value(-file) timing}
stub_command get_timing_paths {-max_paths 1 -nworst 1 -setup 0} 0 {} {} {return path:worst}
stub_command get_property {} 2 {} {} {
  if {$rest ne "SLACK path:worst"} {stub_refuse "get_property: $rest"}
  return 0.012
}

if {$argv eq "-version"} {
  puts "Vivado v2023.2 (64-bit)"
  stub_exit 0
}
set script ""
for {set i 0} {$i < [llength $argv]} {incr i} {
  switch -- [lindex $argv $i] {
    -mode {if {[lindex $argv [incr i]] ne "batch"} {puts stderr "vivado_stub: mode"; stub_exit 2}}
    -nojournal {}
    -log {incr i}
    -source {set script [lindex $argv [incr i]]}
    -tclargs {
      set argv [lrange $argv [expr {$i + 1}] end]
      break
    }
    default {puts stderr "vivado_stub: unknown option [lindex $argv $i]"; stub_exit 2}
  }
}
set env(STUB_PART) ""
regexp {part=(\S+)} $argv -> env(STUB_PART)
stub_run $script

# The boot sector of the emulated machine: loads the program behind it, switches the processor to
# 64-bit mode with the AVX-512 state enabled, and jumps to the program.
#
# Memory: 0x1000 to 0x4000 page tables (the first gigabyte, as it is), 0x7c00 this sector, 0x10000
# the program, 0x100000 and up whatever the link script says.

.set CHUNKS, 14                 # of 32 KiB: 448 KiB, up to the end of the memory below 640 KiB
.set PROGRAM, 0x10000
.set STACK, 0x3f00000

.code16
.globl _start
_start:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    movw $CHUNKS, %cx
load:
    pushw %cx
    movb $0x42, %ah             # extended read; the BIOS left the drive in dl
    movw $packet, %si
    int $0x13
    jc .
    popw %cx
    addw $0x800, packet_segment
    addl $64, packet_sector
    loop load

    inb $0x92, %al              # address line 20
    orb $2, %al
    outb %al, $0x92

    xorl %eax, %eax
    movw $0x1000, %di           # page tables
    movw $0x3000, %cx
    rep stosb
    movl $0x2003, 0x1000
    movl $0x3003, 0x2000
    movw $0x3000, %di
    movl $0x83, %eax            # present, writable, 2 MiB
entry:
    movl %eax, (%di)
    addl $0x200000, %eax
    addw $8, %di
    cmpw $0x4000, %di
    jb entry

    movl %cr4, %eax
    orl $0x40620, %eax          # PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
    movl %eax, %cr4
    movl $0x1000, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx      # EFER
    rdmsr
    orl $0x100, %eax            # LME
    wrmsr
    lgdt gdt_pointer
    movl $0x80000023, %eax      # PG, NE, MP, PE
    movl %eax, %cr0
    ljmp $8, $long

.code64
long:
    movl $0xd, %eax             # XCR0: x87, SSE, AVX, and the three parts of AVX-512,
    xorl %ecx, %ecx             # as far as the processor has them
    cpuid
    andl $0xe7, %eax
    xorl %ecx, %ecx
    xorl %edx, %edx
    xsetbv
    movl $STACK, %esp
    movzbl mode, %edi
    movl $PROGRAM, %eax
    call *%rax
    jmp .

.balign 8
gdt:
    .quad 0, 0x00209a0000000000
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt
packet:
    .byte 16, 0
    .word 64, 0
packet_segment:
    .word 0x1000
packet_sector:
    .quad 1

# What the program shall do, a letter; the script writes it here.
.org 509
mode:
    .byte 'a'
    .word 0xaa55
